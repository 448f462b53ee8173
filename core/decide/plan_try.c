/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The goal "try RELEASE ARCH": build for a kernel that is to come, and install nothing.  It names
 * one module package, or all that an event would install.
 */
#include <string.h>

#include "decide/want.h"

static void try_refuse(struct plan *p, const struct goal *g, int code, const char *reason)
{
	size_t step = plan_add(p, STEP_REFUSE, &g->id, g->release, g->arch, "%s", reason);

	p->steps[step].code = code;
}

static void try_want(struct want *want, const struct goal *g, const struct world_kernel *k)
{
	if (g->id.name) {
		if (want_named(want, &g->id, k) == WANT_UNKNOWN)
			try_refuse(want->p, g, -E_NOT_ADDED, "it is not registered");
		return;
	}
	for (size_t i = 0; i < want->n_offers; i++) {
		struct offer *c = want_newest(want, want->offers[i].id.name);

		if (c == &want->offers[i])
			want_name(want, c->id.name, k);
	}
}

/* Builds wait for the trial of the headers.  Without a build the headers are not tried. */
static void try_add_smoke(struct plan *p, const struct goal *g)
{
	size_t smoke, n = p->n;

	for (size_t i = 0; i < n; i++) {
		if (p->steps[i].kind != STEP_BUILD || strcmp(p->steps[i].release, g->release) != 0)
			continue;
		smoke = plan_add(p, STEP_SMOKE, NULL, g->release, g->arch,
				 "a build that fails is remembered only if these headers are good");
		plan_after(p, i, smoke);
	}
}

void plan_try(const struct world *w, const struct goal *g, struct plan *p)
{
	const struct world_kernel *k = world_kernel(w, g->release);
	struct want want;

	p->ahead = true;
	if (!k || !k->headers) {
		try_refuse(p, g, -E_NO_HEADERS, "there are no headers for it");
		return;
	}
	want_begin(&want, w, p, NULL);
	want.again = g->force;
	want_add_registered(&want);
	want_ready(&want);
	try_want(&want, g, k);
	try_add_smoke(p, g);
	want_end(&want);
}
