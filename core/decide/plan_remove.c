/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The goals uninstall, unbuild and remove. */
#include <string.h>

#include "decide/goal_plan.h"
#include "model/vercmp.h"

static bool goal_check_added(struct goal_plan *gp)
{
	return goal_find_module(gp) ? true
				    : goal_refuse(gp, -E_NOT_ADDED, "it is not in the DKMS tree");
}

static size_t goal_need_uninstalled(struct goal_plan *gp, const struct world_build *b)
{
	size_t step;

	if (!b || !b->installed)
		return PLAN_NONE;
	step = goal_add_step(gp, STEP_UNINSTALL, "asked for");
	if (gp->g->verb != GOAL_REMOVE)
		goal_add_hold(gp, STEP_HOLD, HOLD_ABSENT, step, "a person uninstalled it");
	return step;
}

void goal_uninstall(struct goal_plan *gp)
{
	if (!goal_check_added(gp))
		return;
	if (goal_need_uninstalled(gp, goal_find_build(gp)) == PLAN_NONE)
		goal_add_step(gp, STEP_SKIP, "not installed");
}

/*
 * Has `dkms hold` set a hold of this kind, for this kernel or for all?  Such a hold outlasts the
 * one that we would add, so we add none.
 */
static bool goal_is_held_firmly(const struct goal_plan *gp, enum hold_kind kind)
{
	const struct goal *g = gp->g;
	const struct hold *h = ledger_hold_on(&gp->w->holds, kind, g->id.name, g->release, g->arch);

	return h && hold_is_firm(h);
}

/*
 * Add a hold for a build that a person removes and that is not installed, so that the next event
 * does not build it again.  If an older version is installed, hold that older version: the person
 * wants to keep it.
 */
static void goal_hold_off(struct goal_plan *gp, size_t after)
{
	const struct goal *g = gp->g;
	const struct world_build *present = world_installed(gp->w, g->id.name, g->release, g->arch);
	const struct hold *h =
		ledger_hold(&gp->w->holds, HOLD_VERSION, g->id.name, g->release, g->arch);
	struct goal kept = *g;
	struct goal_plan other = *gp;

	if (present && modid_equal(&present->id, &g->id))
		return; /* the uninstall has added a hold */
	if (!present) {
		if (!goal_is_held_firmly(gp, HOLD_ABSENT))
			goal_add_hold(gp, STEP_HOLD, HOLD_ABSENT, after,
				      "a person removed its build");
	} else if (!h && !goal_is_held_firmly(gp, HOLD_VERSION) &&
		   vercmp(g->id.version, present->id.version) > 0) {
		kept.id = present->id;
		other.g = &kept;
		goal_add_hold(&other, STEP_HOLD, HOLD_VERSION, after,
			      "a person removed the newer build");
	}
}

void goal_unbuild(struct goal_plan *gp)
{
	const struct world_build *b = goal_find_build(gp);
	size_t uninstall, unbuild;

	if (!goal_check_added(gp))
		return;
	if (!b) {
		goal_add_step(gp, STEP_SKIP, "not built");
		return;
	}
	uninstall = goal_need_uninstalled(gp, b);
	unbuild = goal_add_step(gp, STEP_UNBUILD, "asked for");
	plan_after(gp->p, unbuild, uninstall);
	if (uninstall == PLAN_NONE)
		goal_hold_off(gp, unbuild);
}

void goal_remove(struct goal_plan *gp)
{
	const struct world_build *b = gp->g->release ? goal_find_build(gp) : NULL;
	size_t uninstall;

	if (!goal_check_added(gp))
		return;
	if (!b && gp->g->release)
		goal_add_step(gp, STEP_SKIP, "not built");
	if (!b)
		return;
	uninstall = goal_need_uninstalled(gp, b);
	plan_after(gp->p, goal_add_step(gp, STEP_UNBUILD, "asked for"), uninstall);
}

static bool goal_builds_remain(const struct goal_plan *gp)
{
	for (size_t i = 0; i < gp->w->n_builds; i++) {
		const struct world_build *b = &gp->w->builds[i];

		if (modid_equal(&b->id, &gp->g->id) &&
		    plan_find(gp->p, STEP_UNBUILD, &b->id, b->release, b->arch) == PLAN_NONE)
			return true;
	}
	return false;
}

static bool goal_has_other_version(const struct goal_plan *gp)
{
	for (size_t i = 0; i < gp->w->n_modules; i++) {
		const struct modid *id = &gp->w->modules[i].id;

		if (strcmp(id->name, gp->g->id.name) == 0 && !modid_equal(id, &gp->g->id))
			return true;
	}
	return false;
}

/*
 * Plan to drop the HOLD_VERSION of the removed version.  If no other version of its name is
 * registered, drop each HOLD_VERSION and HOLD_ABSENT of that name.
 */
static void goal_forget_choices(struct goal_plan *gp, size_t after)
{
	const struct holds *l = &gp->w->holds;
	bool other = goal_has_other_version(gp);

	for (size_t i = 0; i < l->n; i++) {
		const struct hold *h = &l->v[i];
		size_t step;

		if (h->kind == HOLD_REMOVED || strcmp(h->name, gp->g->id.name) != 0)
			continue;
		if (other &&
		    (h->kind != HOLD_VERSION || strcmp(h->version, gp->g->id.version) != 0))
			continue;
		step = plan_add(gp->p, STEP_UNHOLD, &gp->g->id, h->release, h->arch,
				"a person removed it");
		gp->p->steps[step].hold = h->kind;
		plan_after(gp->p, step, after);
	}
}

void goal_finish_remove(struct goal_plan *gp)
{
	const struct world_module *m = goal_find_module(gp);
	size_t step;

	if (!m || plan_find(gp->p, STEP_UNREGISTER, &gp->g->id, NULL, NULL) != PLAN_NONE)
		return;
	if (goal_builds_remain(gp)) {
		step = plan_find(gp->p, STEP_UNINSTALL, &gp->g->id, gp->g->release, gp->g->arch);
		if (step != PLAN_NONE)
			goal_add_hold(gp, STEP_HOLD, HOLD_ABSENT, step, "a person removed it");
		step = plan_find(gp->p, STEP_UNBUILD, &gp->g->id, gp->g->release, gp->g->arch);
		if (step != PLAN_NONE)
			goal_hold_off(gp, step);
		return;
	}
	step = plan_add(gp->p, STEP_UNREGISTER, &gp->g->id, NULL, NULL,
			"it is built for no kernel any more");
	goal_forget_choices(gp, step);
	if (ledger_request(&gp->w->requests, gp->g->id.name, gp->g->id.version))
		plan_after(gp->p,
			   plan_add(gp->p, STEP_SETTLE, &gp->g->id, NULL, NULL, "it is removed"),
			   step);
	for (size_t i = 0; i < step; i++) {
		if (gp->p->steps[i].kind == STEP_UNBUILD &&
		    modid_equal(&gp->p->steps[i].id, &gp->g->id))
			plan_after(gp->p, step, i);
	}
	if (m->owner)
		goal_add_hold(gp, STEP_HOLD, HOLD_REMOVED, step, "a person removed it");
}
