/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * work - the common part of all writing verbs: survey, plan, run, report.
 */
#include "cli/options.h"
#include "decide/plan.h"
#include "engine/engine.h"
#include "model/event.h"
#include "model/goal.h"

/*
 * Check that only root can write the dkms tree, catch signals, and recover what dead runs left.
 * Call it before the tree is read.  Does nothing with --dry-run.
 */
int work_begin(struct engine *e, const struct options *o, struct err *err) MUST_CHECK;
/*
 * Do what the goals ask for; with --dry-run, only print the plan.  Returns an exit status, as do
 * work_plan() and work_event().
 */
int work_goals(struct engine *e, const struct options *o, const struct goals *goals);
/*
 * Carry out a plan that was made elsewhere, and that needs no survey.  Its content is moved into
 * the run.  With --dry-run, only print it.
 */
int work_plan(struct engine *e, const struct options *o, struct plan *plan);
/* As work_goals(), for an event. */
int work_event(struct engine *e, const struct options *o, const struct event *event);
