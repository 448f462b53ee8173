/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drop holds whose kernel or module package is gone.  If a module package of that name comes back
 * later, it counts as a new one, about which nobody has decided anything.
 */
#include <string.h>

#include "decide/plan.h"

/* Will any version of `name` exist when the plan is done? */
static bool holds_know_name(const struct world *w, const struct plan *p, const char *name)
{
	for (size_t i = 0; i < w->n_folders; i++) {
		if (strcmp(w->folders[i].id.name, name) == 0)
			return true;
	}
	for (size_t i = 0; i < w->n_modules; i++) {
		const struct modid *id = &w->modules[i].id;

		if (strcmp(id->name, name) == 0 &&
		    plan_find(p, STEP_UNREGISTER, id, NULL, NULL) == PLAN_NONE)
			return true;
	}
	return false;
}

/* The reason to drop the hold `h`; NULL: keep it. */
static const char *holds_why_end(const struct world *w, const struct plan *p, const struct hold *h,
				 bool kernel_gone, bool sources)
{
	struct modid id = { h->name, h->version };

	if (kernel_gone)
		return "its kernel was removed";
	if (!sources)
		return NULL;
	if (h->kind == HOLD_REMOVED)
		return world_folder(w, &id) || world_module(w, &id) ? NULL : "its source is gone";
	return holds_know_name(w, p, h->name) ? NULL : "its module package is gone";
}

void plan_end_hold(const struct world *w, struct plan *p, const struct hold *h, bool kernel_gone,
		   bool sources)
{
	const char *why = holds_why_end(w, p, h, kernel_gone, sources);
	struct modid id = { h->name, h->version };
	size_t step;

	if (!why)
		return;
	step = plan_add(p, STEP_UNHOLD, &id, h->release, h->arch, "%s", why);
	p->steps[step].hold = h->kind;
}
