/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * survey - look at the machine, as far as the goals or the event ask, and make a world of it
 * (model/world.h).
 *
 * For goals, a survey looks at the kernels that the goals name, or at all kernels if a goal is
 * `add`, which names none.  It looks at all versions of the module packages that the goals name, or
 * at all module packages if a goal is to build, install or autoinstall, which may need
 * dependencies.
 *
 * For an event, a survey looks at all kernels, module packages and folders in <source_tree>.  For
 * an event of a kernel's own hook (event.kernel_only) it looks at all module packages, but only at
 * the kernels and unregistered sources that the event names.
 *
 * A conf is evaluated only if no remembered verdict about it can be used, and never with
 * SURVEY_NO_PROCESS.  Goals do not use a verdict that a conf is bad.  Evaluated confs stay in
 * survey.confs for the run.
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
