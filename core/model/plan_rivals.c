/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two module packages make a module of one name, and the one that has the name goes: the other
 * one's goes in.
 */
#include <string.h>

#include "base/alloc.h"
#include "model/plan.h"

static bool rivals_may_install(const struct world *w, const struct plan *p,
			       const struct world_build *b)
{
	const struct world_conf *c = world_conf(w, &b->id, b->release);

	return b->refused && b->rival && c && c->autoinstall && !c->bad && !c->excluded &&
	       plan_find(p, STEP_HELD, &b->id, b->release, b->arch) == PLAN_NONE &&
	       plan_find(p, STEP_UNBUILD, &b->id, b->release, b->arch) == PLAN_NONE &&
	       plan_find(p, STEP_INSTALL, &b->id, b->release, b->arch) == PLAN_NONE;
}

void plan_rivals(const struct world *w, struct plan *p)
{
	size_t n = p->n;

	for (size_t i = 0; i < n; i++) {
		struct modid gone = p->steps[i].id;
		AUTO_FREE char *text =
			p->steps[i].kind == STEP_UNINSTALL ? modid_text(&gone) : NULL;

		for (size_t k = 0; text && k < w->n_builds; k++) {
			const struct world_build *b = &w->builds[k];

			if (strcmp(b->release, p->steps[i].release) != 0 ||
			    !rivals_may_install(w, p, b) || strcmp(b->rival, text) != 0)
				continue;
			plan_after(p,
				   plan_add(p, STEP_INSTALL, &b->id, b->release, b->arch,
					    "%s, which kept it out, goes", text),
				   i);
		}
	}
}
