/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * work - the common part of all writing verbs: survey, plan, run, report.
 */
#include "cli/options.h"
#include "engine/engine.h"
#include "model/event.h"
#include "model/goal.h"

/*
 * Check who can write the dkms tree, catch signals and recover what dead runs left; to be called
 * before the tree is read.  Does nothing with --dry-run.
 */
int work_begin(struct engine *e, const struct options *o, struct err *err) MUST_CHECK;
/* Return the exit status.  With --dry-run the plan is printed and nothing is written. */
int work_goals(struct engine *e, const struct options *o, const struct goals *goals);
int work_event(struct engine *e, const struct options *o, const struct event *event);
