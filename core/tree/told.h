/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * told - what earlier events have reported, so that the next event does not report it again.
 *
 * Each package upgrade is an event.  If e.g. a module package waits for headers, only the first
 * event reports that, but `dkms status` always shows it.  The list of what was reported is
 * <dkms_tree>/.native/told; if it is lost, the next event reports everything again.
 */
#include "base/strv.h"
#include "decide/plan.h"
#include "engine/engine.h"

struct told {
	/*
	 * Steps as text (step_print()), escaped.  `before` is what earlier events have reported.
	 * `now` is what has been reported and is still true after this run.
	 */
	struct strv before, now;
};
#define TOLD_INIT                    \
	{                            \
		STRV_INIT, STRV_INIT \
	}
#define AUTO_TOLD CLEANUP(told_release)
void told_release(struct told *t);
/*
 * Load the list into ret->before.  For each step that is reported only once (step_is_told_once()),
 * set step.news: false if an event or another run (step.told) has reported the step, else true.
 *
 * Put the steps that are reported only once into ret->now, with two exceptions.  A step that
 * another run, but no event, has reported is left out.  So is a fallback step: it is reported only
 * if another step fails, and then told_add() adds it.  With `kernel_only` the event is about some
 * kernels only, so ret->now also keeps all of ret->before.
 */
void told_mark(const struct engine *e, struct plan *p, bool kernel_only, struct told *ret);
/* Add a step that this run has reported.  The step must be just as the next plan will have it. */
void told_add(struct told *t, const struct step *s);
/* Write the list if it has changed.  Returns 0 or -errno. */
int told_save(const struct engine *e, const struct told *t) MUST_CHECK;
