/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/nextboot.h"

#include <string.h>

#include "base/alloc.h"
#include "cli/verifyjson.h"

void nextboot_mark(const struct verify *v, struct standings *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct standing *s = &l->v[i];
		const struct verify_module *m;

		if (s->state != STANDING_INSTALLED || s->reason || !s->release)
			continue;
		m = verify_gravest(v, &s->id, s->release, s->arch);
		if (!m || reason_forecast(m->judgement.reason) != FORECAST_FAILS)
			continue;
		s->reason = xasprintf("%s will not load at the next boot: %s", m->name,
				      m->judgement.text);
		free(s->cure);
		s->cure = xstrdup(m->judgement.cure);
		s->problem = true;
	}
}

void nextboot_add_json(struct json_object *o, const struct verify *v, const struct modid *id,
		       const char *release, const char *arch)
{
	struct json_object *list = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct verify_kernel *k = &v->v[i];

		if (!str_equal(k->release, release) || !str_equal(k->arch, arch))
			continue;
		for (size_t j = 0; j < k->n; j++) {
			if (!str_equal(k->v[j].package, id->name) ||
			    !str_equal(k->v[j].version, id->version))
				continue;
			list = list ? list : json_object_new_array();
			json_object_array_add(list, json_verify_module(&k->v[j]));
		}
	}
	json_object_object_add(o, "verify", list);
}
