/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/gate.h"

#include <string.h>

#include "base/alloc.h"

void gate_faults_release(struct gate_faults *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].release);
		modid_release(&l->v[i].id);
		free(l->v[i].what);
	}
	free(l->v);
	*l = (struct gate_faults){ NULL, 0 };
}

void gate_faults_add(struct gate_faults *l, const char *release, const struct modid *id,
		     const char *what)
{
	struct gate_fault f = { .release = xstrdup(release), .what = xstrdup(what) };

	modid_copy(&f.id, id);
	VEC_PUSH(l->v, l->n, f);
}

static bool gate_counts(const struct gate_facts *f, const char *name)
{
	AUTO_STRV struct strv names = STRV_INIT;

	strv_split(&names, f->critical, " \t,");
	return !names.n || strv_has(&names, "*") || strv_has(&names, name);
}

/* Fill *ret with the gate that this candidate should have; false: it may come. */
static bool gate_wanted(const struct gate_facts *f, const struct candidate *c, struct gate *ret)
{
	for (size_t i = 0; i < f->faults->n; i++) {
		const struct gate_fault *fault = &f->faults->v[i];

		if (strcmp(fault->release, c->release) != 0 || !gate_counts(f, fault->id.name))
			continue;
		strv_take(&ret->modules, modid_text(&fault->id));
		strv_add(&ret->whys, fault->what ? fault->what : "");
	}
	if (!ret->modules.n)
		return false;
	ret->release = c->release;
	ret->from = c->manager;
	ret->since = f->time;
	strv_add_all(&ret->packages, &c->packages);
	return true;
}

static bool gate_is_same(const struct gate *a, const struct gate *b)
{
	return strcmp(a->from, b->from) == 0 && strv_equal(&a->packages, &b->packages) &&
	       strv_equal(&a->modules, &b->modules) && strv_equal(&a->whys, &b->whys);
}

static void gate_plan_candidate(const struct gate_facts *f, const struct candidate *c,
				struct plan *p)
{
	const struct gate *old = ledger_gate(f->now, c->release);
	struct gate new = { .packages = STRV_INIT, .modules = STRV_INIT, .whys = STRV_INIT };

	if (old && old->released) {
		ledger_copy_gate(&p->gates, old);
		return;
	}
	if (gate_wanted(f, c, &new)) {
		if (old)
			new.since = old->since;
		ledger_copy_gate(&p->gates, &new);
		if (!old || !gate_is_same(old, &new))
			plan_add(p, STEP_GATE, NULL, c->release, NULL, "%s does not build for it",
				 new.modules.v[0]);
	} else if (old) {
		plan_add(p, STEP_UNGATE, NULL, c->release, NULL,
			 "nothing that counts fails to build for it");
	}
	strv_release(&new.packages);
	strv_release(&new.modules);
	strv_release(&new.whys);
}

/*
 * Drop what is remembered of a kernel if no upgrade would bring it any more, or if the gate is off.
 * If it is not known what an upgrade would bring, keep it.
 */
static void gate_plan_rest(const struct gate_facts *f, const struct gate *g, struct plan *p)
{
	if (!f->off && !f->candidates)
		ledger_copy_gate(&p->gates, g);
	else if (f->off)
		plan_add(p, STEP_UNGATE, NULL, g->release, NULL, "the gate is off");
	else if (!candidates_at(f->candidates, g->release))
		plan_add(p, STEP_UNGATE, NULL, g->release, NULL, "no upgrade would bring it");
}

void gate_plan(const struct gate_facts *f, struct plan *ret)
{
	for (size_t i = 0; !f->off && f->candidates && i < f->candidates->n; i++)
		gate_plan_candidate(f, &f->candidates->v[i], ret);
	for (size_t i = 0; i < f->now->n; i++)
		gate_plan_rest(f, &f->now->v[i], ret);
}

bool gate_plan_release(const struct gates *now, const char *release, struct plan *ret)
{
	const struct gate *g = ledger_gate(now, release);

	if (!g || g->released)
		return false;
	for (size_t i = 0; i < now->n; i++)
		ledger_copy_gate(&ret->gates, &now->v[i]);
	ledger_gate(&ret->gates, release)->released = true;
	plan_add(ret, STEP_UNGATE, NULL, release, NULL, "a person lets it in");
	return true;
}
