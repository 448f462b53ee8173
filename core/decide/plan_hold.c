/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The goals hold and unhold. */
#include <string.h>

#include "base/alloc.h"
#include "decide/goal_plan.h"

/*
 * Returns the build of this name that is installed for the goal's kernel.  If the goal has no
 * kernel, returns one that is installed for some kernel, of the goal's version if there is such a
 * build.  NULL: there is none.
 */
static const struct world_build *goal_find_installed(const struct goal_plan *gp)
{
	const struct goal *g = gp->g;
	const struct world_build *found = NULL;

	if (g->release)
		return world_installed(gp->w, g->id.name, g->release, g->arch);
	for (size_t i = 0; i < gp->w->n_builds; i++) {
		const struct world_build *b = &gp->w->builds[i];

		if (!b->installed || strcmp(b->id.name, g->id.name) != 0)
			continue;
		if (modid_equal(&b->id, &g->id))
			return b;
		found = b;
	}
	return found;
}

static bool goal_is_known(const struct goal_plan *gp)
{
	return goal_find_module(gp) || world_folder(gp->w, &gp->g->id);
}

static void goal_refuse_other(struct goal_plan *gp, const struct world_build *b)
{
	AUTO_FREE char *why = xasprintf("%s/%s is installed for %s; hold that, or install %s first",
					b->id.name, b->id.version, b->release, gp->g->id.version);

	goal_refuse(gp, -E_USAGE, why);
}

/*
 * Hold the module package at the version that is installed or, if none is, keep it from being
 * installed.  The step also drops a hold of the other kind (ledger_drop_hold()).
 */
void goal_hold(struct goal_plan *gp)
{
	const struct goal *g = gp->g;
	const struct world_build *b = goal_find_installed(gp);
	enum hold_kind kind = b ? HOLD_VERSION : HOLD_ABSENT;
	const struct hold *h = ledger_hold(&gp->w->holds, kind, g->id.name, g->release, g->arch);
	size_t i;

	if (!goal_is_known(gp)) {
		goal_refuse(gp, -E_NOT_ADDED, "it is not in the DKMS tree");
	} else if (b && !modid_equal(&b->id, &g->id)) {
		goal_refuse_other(gp, b);
	} else if (h && hold_is_firm(h) && (!b || strcmp(h->version, g->id.version) == 0)) {
		goal_add_step(gp, STEP_SKIP, "held already");
	} else {
		i = goal_add_step(gp, STEP_HOLD, "a person asked for it");
		gp->p->steps[i].hold = kind;
		gp->p->steps[i].seen = xstrdup(HOLD_FIRM);
	}
}

void goal_unhold(struct goal_plan *gp)
{
	const struct holds *l = &gp->w->holds;
	const struct goal *g = gp->g;
	bool any = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct hold *h = &l->v[i];
		size_t step;

		if (strcmp(h->name, g->id.name) != 0 || strcmp(h->version, g->id.version) != 0 ||
		    (g->release &&
		     (!str_equal(h->release, g->release) || !str_equal(h->arch, g->arch))))
			continue;
		step = plan_add(gp->p, STEP_UNHOLD, &g->id, h->release, h->arch,
				"a person asked for it");
		gp->p->steps[step].hold = h->kind;
		any = true;
	}
	if (!any)
		goal_add_step(gp, STEP_SKIP, "it is not held");
}
