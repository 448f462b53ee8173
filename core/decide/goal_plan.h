/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * goal_plan - the planning of one goal: what plan_goals.c, plan_hold.c and plan_remove.c share.
 */
#include "decide/plan.h"

struct goal_plan {
	const struct world *w;
	struct plan *p;
	const struct goal *g;
};

/* Add a step about the goal's module package and kernel; returns its index. */
size_t goal_add_step(struct goal_plan *gp, enum step_kind kind, const char *reason);
/* Add a STEP_REFUSE with the error `code` about the goal; returns false. */
bool goal_refuse(struct goal_plan *gp, int code, const char *reason);
/* The registered module package (NAME/VERSION) of the goal; NULL if it is not registered. */
const struct world_module *goal_find_module(const struct goal_plan *gp);
/* The build of the goal's module package for its kernel, or NULL. */
const struct world_build *goal_find_build(const struct goal_plan *gp);
/*
 * Add a step of the kind STEP_HOLD or STEP_UNHOLD for a hold of the kind `hold`.  The new step
 * waits for the step with the index `after`.  If a package's script asks (plan.middle), no
 * STEP_HOLD is added.
 */
void goal_add_hold(struct goal_plan *gp, enum step_kind kind, enum hold_kind hold, size_t after,
		   const char *reason);

/* ---- plan_hold.c ---- */

void goal_hold(struct goal_plan *gp);
void goal_unhold(struct goal_plan *gp);

/* ---- plan_remove.c ---- */

void goal_uninstall(struct goal_plan *gp);
void goal_unbuild(struct goal_plan *gp);
void goal_remove(struct goal_plan *gp);
/*
 * Plan what follows a GOAL_REMOVE.  Call it once for each GOAL_REMOVE, after all goals are planned:
 * `dkms remove` for several kernels makes one GOAL_REMOVE for each kernel.  If no build of the
 * module package will be left, the function plans STEP_UNREGISTER and, if a package ships the
 * source, a hold HOLD_REMOVED.  Else it plans a hold for the kernel of the goal.
 */
void goal_finish_remove(struct goal_plan *gp);
