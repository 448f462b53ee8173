/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps that hold a kernel of an upgrade back, or let it in. */
#include "packages/gatepins.h"
#include "run/run.h"
#include "tree/ledgerfile.h"

struct gate_change {
	const char *release;
	const struct gate *gate; /* NULL: drop it */
	struct gates after;
};

static void gate_change(void *list, void *data)
{
	struct gate_change *c = data;
	struct gates *l = list;

	if (c->gate)
		ledger_copy_gate(l, c->gate);
	else
		ledger_drop_gate(l, c->release);
	for (size_t i = 0; i < l->n; i++)
		ledger_copy_gate(&c->after, &l->v[i]);
}

int run_gate(struct run *r, const struct step *s, struct err *err)
{
	struct gate_change c = { s->release, ledger_gate(&r->p->gates, s->release), { NULL, 0 } };
	int k = run_change_ledger(r, LEDGER_GATES, gate_change, &c, err);

	if (k == 0)
		k = gatepins_write(r->e, &c.after, err);
	gates_release(&c.after);
	return k;
}
