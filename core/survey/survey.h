/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * survey - look at the machine, as far as the goals or the event ask, and make a world of it
 * (model/world.h).
 *
 * Goals look at the kernels that they name (`add` without one: at all kernels), and at all versions
 * of the module packages that they name.  With a goal to build, install or autoinstall they look at
 * all module packages, because of dependencies.
 *
 * An event looks at everything, because a reconcile is about everything.  Only an event of a
 * kernel's own hooks (event.kernel_only) looks at no other kernels than those that it lists.
 *
 * A conf is evaluated only if no remembered verdict answers, and never with SURVEY_NO_PROCESS.
 * Evaluated confs stay in survey.confs for the run.
 *
 * A survey itself writes nothing: survey_save() writes caches and verdicts.
 */
#include "base/error.h"
#include "model/event.h"
#include "model/goal.h"
#include "survey/surveyed.h"

/* Make the world for goals.  The caller releases ret, also after an error. */
int survey_goals(struct engine *e, const struct goals *goals, struct survey *ret,
		 struct err *err) MUST_CHECK;
/* The same for an event.  flags: enum survey_flags. */
int survey_event(struct engine *e, const struct event *event, unsigned int flags,
		 struct survey *ret, struct err *err) MUST_CHECK;
/* Write caches and changed verdicts.  -errno is for the debug log only: they are made again. */
int survey_save(struct engine *e, struct survey *s) MUST_CHECK;
