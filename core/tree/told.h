/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * told - what events have told, so that the next one does not say it again.
 *
 * Every upgrade is an event.  That a module waits for headers is told once, by the first event that
 * finds it so; `dkms status` shows it as long as it lasts.  If <dkms_tree>/.native/told is lost,
 * the next event tells everything again.
 */
#include "base/strv.h"
#include "decide/plan.h"
#include "engine/engine.h"

struct told {
	struct strv before, now; /* lines of telling steps, escaped */
};
#define TOLD_INIT                    \
	{                            \
		STRV_INIT, STRV_INIT \
	}
#define AUTO_TOLD CLEANUP(told_release)
void told_release(struct told *t);
/*
 * Read what was told, and mark in the plan what is news (step.news).  What is told only if another
 * step fails is kept when it has been, by told_add().  kernel_only: the event is
 * about some kernels, so what was told of others is still so.
 */
void told_mark(const struct engine *e, struct plan *p, bool kernel_only, struct told *ret);
/* Something that this run told beside its plan, in the words in which a plan will have it. */
void told_add(struct told *t, const struct step *s);
/* Remember it, if it is not what was remembered. */
int told_save(const struct engine *e, const struct told *t) MUST_CHECK;
