/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "survey/stand.h"

#include "base/alloc.h"
#include "kernel/headershint.h"

void stand_release(struct stand *s)
{
	standings_release(&s->list);
	plan_release(&s->plan);
	survey_release(&s->survey);
}

void stand_judge(const struct engine *e, const struct world *w, const struct plan *p,
		 struct standings *ret)
{
	AUTO_STRV struct strv headers = STRV_INIT;

	for (size_t i = 0; i < w->n_kernels; i++) {
		const struct world_kernel *k = &w->kernels[i];
		AUTO_FREE char *command = k->headers ? NULL : headers_command(e, k->release);

		strv_add(&headers, command ? command : "");
	}
	standings_judge(w, p, &headers, ret);
}

int stand_look(struct engine *e, struct stand *ret, struct err *err)
{
	AUTO_EVENT struct event none = EVENT_INIT;
	int r;

	*ret = (struct stand)STAND_INIT;
	none.from = xstrdup("status");
	r = survey_event(e, &none, SURVEY_NO_PROCESS, &ret->survey, err);
	if (r < 0)
		return r;
	plan_event(&ret->survey.world, &none, &ret->plan);
	stand_judge(e, &ret->survey.world, &ret->plan, &ret->list);
	return 0;
}
