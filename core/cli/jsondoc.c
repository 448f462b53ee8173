/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/jsondoc.h"

#include "base/text.h"

#define STYLE (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)

struct json_object *json_document(void)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "schema", json_object_new_int(1));
	return o;
}

void json_print_and_free(struct json_object *o, struct buf *ret)
{
	text_add_json(ret, json_object_to_json_string_ext(o, STYLE));
	buf_addch(ret, '\n');
	json_object_put(o);
}

void json_add(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

void json_add_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void json_add_number(struct json_object *o, const char *key, size_t n)
{
	json_object_object_add(o, key, json_object_new_int64((int64_t)n));
}

void json_add_list(struct json_object *o, const char *key, const struct strv *list)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; list && i < list->n; i++)
		json_object_array_add(a, json_object_new_string(list->v[i]));
	json_object_object_add(o, key, a);
}

void json_add_target(struct json_object *o, const char *name, const char *version,
		     const char *release, const char *arch)
{
	json_add(o, "name", name);
	json_add(o, "version", version);
	json_add(o, "kernel", release);
	json_add(o, "arch", arch);
}
