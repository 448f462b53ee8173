/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When is a request of a maintainer script (model/ledger.h) dropped? */
#include "decide/plan.h"

bool plan_is_requested(const struct world *w, enum request_kind kind, const struct modid *id)
{
	const struct request *r = ledger_request(&w->requests, id->name, id->version);

	return r && r->kind == kind;
}

bool plan_is_reinstalled(const struct world *w, const struct event *e, const struct modid *id,
			 const char *folder)
{
	return (folder && event_brings_source(e, folder)) || plan_is_requested(w, REQUEST_ADD, id);
}

bool plan_is_shipped(const struct owners *owners, const struct world_module *m)
{
	return m->folder && ledger_owner(owners, OWNED_SOURCE, m->folder);
}

/*
 * Returns the reason to drop a request to add `id`; NULL: keep the request.  *ret_after is the step
 * that carries the request out, or PLAN_NONE.
 */
static const char *requests_settle_add(const struct world *w, const struct plan *p,
				       const struct modid *id, size_t *ret_after)
{
	*ret_after = plan_find(p, STEP_REGISTER, id, NULL, NULL);
	if (*ret_after != PLAN_NONE || world_module(w, id))
		return "it is registered";
	if (plan_find(p, STEP_HELD, id, NULL, NULL) != PLAN_NONE)
		return "a person removed it";
	return world_folder(w, id) ? NULL : "it has no source";
}

/* The same as requests_settle_add(), for a request to remove `id`. */
static const char *requests_settle_remove(const struct world *w, const struct plan *p,
					  const struct owners *owners, const struct modid *id,
					  size_t *ret_after)
{
	const struct world_module *m = world_module(w, id);

	*ret_after = PLAN_NONE;
	if (!m)
		return "it is not registered";
	if (plan_is_shipped(owners, m))
		return "a package ships its source";
	*ret_after = plan_find(p, STEP_UNREGISTER, id, NULL, NULL);
	return *ret_after == PLAN_NONE ? NULL : "it is removed";
}

void plan_settle_requests(const struct world *w, const struct owners *owners, struct plan *p)
{
	for (size_t i = 0; i < w->requests.n; i++) {
		const struct request *r = &w->requests.v[i];
		struct modid id = { r->name, r->version };
		size_t after;
		const char *why = r->kind == REQUEST_ADD
					  ? requests_settle_add(w, p, &id, &after)
					  : requests_settle_remove(w, p, owners, &id, &after);

		if (why)
			plan_after(p, plan_add(p, STEP_SETTLE, &id, NULL, NULL, "%s", why), after);
	}
}
