/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/gatejson.h"

#include <string.h>

#include "base/alloc.h"
#include "cli/jsondoc.h"

/* An object {key: what is before sep, rest: what is behind it}. */
static struct json_object *gatejson_pair(const char *text, char sep, const char *key,
					 const char *rest)
{
	struct json_object *o = json_object_new_object();
	const char *at = strchr(text, sep);
	AUTO_FREE char *first = xstrndup(text, at ? (size_t)(at - text) : strlen(text));

	json_add(o, key, first);
	json_add(o, rest, at ? at + 1 : NULL);
	return o;
}

static struct json_object *gatejson_gate(const struct gate *g)
{
	struct json_object *o = json_object_new_object();
	struct json_object *packages = json_object_new_array(), *modules = json_object_new_array();
	const char *package;

	json_add(o, "kernel", g->release);
	json_add(o, "from", g->from);
	json_add_number(o, "since", (size_t)g->since);
	STRV_FOREACH (package, &g->packages)
		json_object_array_add(packages, gatejson_pair(package, '=', "name", "version"));
	for (size_t i = 0; i < g->modules.n; i++) {
		struct json_object *m = gatejson_pair(g->modules.v[i], '/', "name", "version");

		json_add(m, "why", i < g->whys.n ? g->whys.v[i] : NULL);
		json_object_array_add(modules, m);
	}
	json_object_object_add(o, "packages", packages);
	json_object_object_add(o, "modules", modules);
	return o;
}

void json_gate(const struct engine *e, const struct gates *l, struct buf *ret)
{
	struct json_object *o = json_document(), *held = json_object_new_array();
	AUTO_STRV struct strv released = STRV_INIT;

	json_add(o, "gate", settings_get(&e->settings, SET_GATE));
	json_add(o, "critical_modules", settings_get(&e->settings, SET_CRITICAL_MODULES));
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].released)
			strv_add(&released, l->v[i].release);
		else
			json_object_array_add(held, gatejson_gate(&l->v[i]));
	}
	json_object_object_add(o, "held", held);
	json_add_list(o, "released", &released);
	json_print_and_free(o, ret);
}
