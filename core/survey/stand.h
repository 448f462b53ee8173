/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * stand - look at the machine, plan an empty event, and judge how everything stands
 * (decide/standing.h).  Starts no process and writes nothing.
 */
#include "decide/standing.h"
#include "survey/survey.h"

struct stand {
	struct survey survey;
	struct plan plan;
	struct standings list;
};
#define STAND_INIT                           \
	{                                    \
		.survey.problems = STRV_INIT \
	}
#define AUTO_STAND CLEANUP(stand_release)

void stand_release(struct stand *s);
/* The caller releases *ret, also after an error. */
int stand_look(struct engine *e, struct stand *ret, struct err *err) MUST_CHECK;
/* Only judge: the caller already has the world, and the plan of an empty event for it. */
void stand_judge(const struct engine *e, const struct world *w, const struct plan *p,
		 struct standings *ret);
