/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/tries.h"

#include <stdlib.h>

static const char *const try_states[] = {
	[TRY_OPEN] = "not tried",
	[TRY_BUILT] = "built",
	[TRY_FAILED] = "failed",
	[TRY_EXCLUDED] = "excluded",
};

void try_result_release(struct try_result *r)
{
	free(r->release);
	free(r->reason);
	free(r->cause);
	free(r->log);
	strv_release(&r->lines);
	strv_release(&r->modules);
}

void tries_release(struct tries *t)
{
	modid_release(&t->id);
	strv_release(&t->depends);
	for (size_t i = 0; i < t->n; i++)
		try_result_release(&t->v[i]);
	free(t->v);
	free(t->arch);
	free(t->scratch);
	*t = (struct tries)TRIES_INIT;
}

size_t try_count(const struct tries *t, enum try_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->v[i].state == state;
	return n;
}

const char *try_state_name(enum try_state state)
{
	return try_states[state];
}
