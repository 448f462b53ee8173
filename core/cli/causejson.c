/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/causejson.h"

#include "cli/jsondoc.h"

void cause_json(const struct cause *c, struct buf *ret)
{
	struct json_object *o = json_document();

	json_add(o, "cause", cause_name(c->class));
	json_add(o, "line", c->line);
	json_add_bool(o, "lasting", c->lasting);
	json_print_and_free(o, ret);
}
