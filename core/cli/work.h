/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * work - look, decide, act, tell: what every writing verb does between its
 * arguments and its exit status.
 */
#include "cli/options.h"
#include "engine/engine.h"
#include "model/event.h"
#include "model/goal.h"

/* Signals and recovery, before the first look at the tree.  Nothing with --dry-run. */
int work_begin(struct engine *e, const struct options *o, struct err *err) MUST_CHECK;
/* Exit status.  With --dry-run the plan is printed and nothing is written. */
int work_goals(struct engine *e, const struct options *o, const struct goals *goals);
int work_event(struct engine *e, const struct options *o, const struct event *event);
