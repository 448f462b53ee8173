/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/ahead.h"
#include "cli/jsondoc.h"

static struct json_object *json_ahead_verdict(const struct ahead_verdict *v)
{
	struct json_object *o = json_object_new_object();

	json_add(o, "name", v->id.name);
	json_add(o, "version", v->id.version);
	json_add(o, "state", ahead_state_name(v->state));
	json_add(o, "reason", v->reason);
	json_add(o, "cause", v->cause);
	json_add(o, "log", v->log);
	return o;
}

static void json_add_verdicts(struct json_object *o, const struct engine *e, const char *release,
			      const struct ahead_verdicts *l)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < l->n; i++)
		json_object_array_add(a, json_ahead_verdict(&l->v[i]));
	json_add(o, "kernel", release);
	json_add(o, "arch", e->arch);
	json_add_number(o, "prebuilt", ahead_count(l, AHEAD_PREBUILT));
	json_add_number(o, "failed", ahead_count(l, AHEAD_FAILED));
	json_add_number(o, "excluded", ahead_count(l, AHEAD_EXCLUDED));
	json_add_number(o, "not_tried", ahead_count(l, AHEAD_NOT_TRIED));
	json_object_object_add(o, "modules", a);
}

void json_ahead(const struct engine *e, const char *release, const struct ahead_verdicts *l,
		int status, struct buf *ret)
{
	struct json_object *o = json_document();

	json_add_number(o, "status", (size_t)status);
	json_add_verdicts(o, e, release, l);
	json_print_and_free(o, ret);
}

int json_ahead_all(const struct engine *e, const struct strv *releases, int status, struct buf *ret,
		   struct err *err)
{
	struct json_object *o = json_document(), *a = json_object_new_array();
	const char *release;
	int r = 0;

	STRV_FOREACH (release, releases) {
		AUTO_AHEAD_VERDICTS struct ahead_verdicts l = { NULL, 0 };
		struct json_object *kernel = json_object_new_object();

		if (r == 0)
			r = ahead_verdicts(e, release, &l, err);
		json_add_verdicts(kernel, e, release, &l);
		json_object_array_add(a, kernel);
	}
	json_add_number(o, "status", (size_t)status);
	json_object_object_add(o, "kernels", a);
	json_print_and_free(o, ret);
	return r;
}
