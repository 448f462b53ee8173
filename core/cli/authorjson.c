/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/authorjson.h"

#include "cli/jsondoc.h"

/* ---- lint ---- */

static struct json_object *json_finding(const struct lint_finding *f)
{
	struct json_object *o = json_object_new_object();

	json_add(o, "file", f->file);
	json_object_object_add(o, "line", f->line ? json_object_new_int64((int64_t)f->line) : NULL);
	json_add(o, "level", lint_level_name(f->level));
	json_add(o, "rule", f->rule);
	json_add(o, "text", f->text);
	json_add(o, "cure", f->cure);
	return o;
}

void json_lint(const struct lint_findings *l, const char *folder, struct buf *ret)
{
	struct json_object *o = json_document(), *a = json_object_new_array();

	for (size_t i = 0; i < l->n; i++)
		json_object_array_add(a, json_finding(&l->v[i]));
	json_add(o, "folder", folder);
	json_add_number(o, "errors", lint_count(l, LINT_ERROR));
	json_add_number(o, "warnings", lint_count(l, LINT_WARNING));
	json_add_number(o, "notes", lint_count(l, LINT_NOTE));
	json_object_object_add(o, "findings", a);
	json_print_and_free(o, ret);
}

/* ---- try ---- */

static struct json_object *json_try_result(const struct try_result *r)
{
	struct json_object *o = json_object_new_object();

	json_add(o, "kernel", r->release);
	json_add(o, "state", try_state_name(r->state));
	json_object_object_add(o, "seconds", json_object_new_double((double)r->msec / 1000));
	json_add_list(o, "modules", &r->modules);
	json_add(o, "reason", r->reason);
	json_add(o, "cause", r->cause);
	json_add_list(o, "lines", &r->lines);
	json_add(o, "log", r->log);
	return o;
}

void json_try(const struct tries *t, struct buf *ret)
{
	struct json_object *o = json_document(), *a = json_object_new_array();

	for (size_t i = 0; i < t->n; i++)
		json_object_array_add(a, json_try_result(&t->v[i]));
	json_add(o, "name", t->id.name);
	json_add(o, "version", t->id.version);
	json_add(o, "arch", t->arch);
	json_add_list(o, "depends", &t->depends);
	json_add_number(o, "built", try_count(t, TRY_BUILT));
	json_add_number(o, "failed", try_count(t, TRY_FAILED));
	json_add_number(o, "excluded", try_count(t, TRY_EXCLUDED));
	json_object_object_add(o, "results", a);
	json_print_and_free(o, ret);
}
