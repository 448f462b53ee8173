/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/causejson.h"

#include <json-c/json.h>

#include "base/text.h"

#define STYLE (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)

void cause_json(const struct cause *c, struct buf *ret)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "schema", json_object_new_int(1));
	json_object_object_add(o, "cause", json_object_new_string(cause_name(c->class)));
	json_object_object_add(o, "line", json_object_new_string(c->line));
	json_object_object_add(o, "lasting", json_object_new_boolean(c->lasting));
	text_add_json(ret, json_object_to_json_string_ext(o, STYLE));
	buf_addch(ret, '\n');
	json_object_put(o);
}
