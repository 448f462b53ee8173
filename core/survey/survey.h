/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * survey - look at the machine, as far as the goals or the event ask, and
 * make a world of it (model/world.h).
 *
 * Scope: goals look at the module packages and kernels they name, at the other versions of
 * that name and, for autoinstall, at every module package for that kernel;
 * an event looks at everything, because a reconcile is about everything; only one from a kernel's
 * own hooks (model/event.h) looks at the kernels it lists, and at all module packages for those.
 *
 * Confs are evaluated only where no verdict is cached (DESIGN 6.3) and
 * SURVEY_NO_PROCESS does not forbid it; they stay in survey.confs for the run.
 * survey_save() writes the caches; a survey by itself writes nothing.
 */
#include "base/error.h"
#include "model/event.h"
#include "model/goal.h"
#include "survey/surveyed.h"

int survey_goals(struct engine *e, const struct goals *goals, struct survey *ret,
		 struct err *err) MUST_CHECK;
int survey_event(struct engine *e, const struct event *event, unsigned int flags,
		 struct survey *ret, struct err *err) MUST_CHECK;
/* Caches and verdicts.  Failing is harmless: -errno for the debug log. */
int survey_save(struct engine *e, struct survey *s) MUST_CHECK;
