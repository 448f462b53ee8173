/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/historyjson.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"

enum { WORD_MAX = 256, TEXT_MAX = 1024, ERROR_MAX = 4096, LINE_MAX_BYTES = 512 };

static const char *const history_line_names[] = {
	[HISTORY_BEGIN] = "begin",
	[HISTORY_STEP] = "step",
	[HISTORY_END] = "end",
};

const char *history_state_name(enum history_state s)
{
	static const char *const names[] = {
		[HISTORY_OK] = "done",
		[HISTORY_HAS_FAILED] = "failed",
		[HISTORY_STOPPED] = "interrupted",
		[HISTORY_RUNNING] = "running",
		[HISTORY_REFUSED] = "refused",
	};

	return names[s];
}

char *history_time(int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;
	char text[64];

	if (!gmtime_r(&when, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return xstrdup("1970-01-01T00:00:00Z");
	return xstrdup(text);
}

/* ---- writing ---- */

/*
 * Make a JSON string of `s`: replace invalid UTF-8, and cut the text at `max` bytes.  Returns NULL,
 * which is JSON's null, if `s` is NULL.
 */
static struct json_object *history_text_object(const char *s, size_t max)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (!s)
		return NULL;
	text_add_valid(&b, s, max);
	return json_object_new_string_len(b.s, (int)b.len);
}

static void history_put_text(struct json_object *o, const char *key, const char *value, size_t max)
{
	json_object_object_add(o, key, history_text_object(value, max));
}

static void history_put_int(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

static void history_put_time(struct json_object *o, const char *key, int64_t t)
{
	AUTO_FREE char *text = t < 0 ? NULL : history_time(t);

	history_put_text(o, key, text, WORD_MAX);
}

static struct json_object *history_package_object(const struct history_package *p)
{
	struct json_object *o = json_object_new_object();

	history_put_text(o, "kind", p->kind, WORD_MAX);
	history_put_text(o, "key", p->key, WORD_MAX);
	history_put_text(o, "change", p->change, WORD_MAX);
	history_put_text(o, "package", p->package, WORD_MAX);
	history_put_text(o, "version", p->version, WORD_MAX);
	return o;
}

static void history_put_cause(struct json_object *o, const struct history_cause *c)
{
	struct json_object *list = json_object_new_array();
	size_t n = c->n < HISTORY_PACKAGES_MAX ? c->n : HISTORY_PACKAGES_MAX;

	json_object_object_add(o, "uid", c->uid < 0 ? NULL : json_object_new_int64(c->uid));
	history_put_text(o, "user", c->user, WORD_MAX);
	history_put_text(o, "command", c->command, TEXT_MAX);
	history_put_text(o, "caller", c->caller, TEXT_MAX);
	history_put_text(o, "from", c->from, WORD_MAX);
	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, history_package_object(&c->packages[i]));
	json_object_object_add(o, "packages", list);
	history_put_int(o, "packages_left_out", (int64_t)(c->n - n + c->left_out));
}

/* Only a build has it. */
static void history_put_confined(struct json_object *o, const struct history_step *s)
{
	struct json_object *confined;

	if (!s->confined)
		return;
	confined = json_object_new_object();
	history_put_text(confined, "tier", s->confined, WORD_MAX);
	history_put_text(confined, "why", s->confined_why, TEXT_MAX);
	json_object_object_add(o, "confined", confined);
}

static void history_put_calls(struct json_object *o, const struct calls *c)
{
	if (!c->counted)
		return;
	history_put_int(o, "compiled", c->compiled);
	history_put_int(o, "replayed", c->replayed);
}

/* Only a build that was fetched has it. */
static void history_put_bundle(struct json_object *o, const struct history_step *s)
{
	struct json_object *bundle;

	if (!s->bundle)
		return;
	bundle = json_object_new_object();
	history_put_text(bundle, "key", s->bundle, WORD_MAX);
	history_put_text(bundle, "from", s->bundle_from, TEXT_MAX);
	history_put_text(bundle, "signed_by", s->bundle_by, TEXT_MAX);
	json_object_object_add(o, "bundle", bundle);
}

static void history_put_step(struct json_object *o, const struct history_step *s)
{
	struct json_object *list = json_object_new_array();

	history_put_int(o, "step", (int64_t)s->number);
	history_put_text(o, "kind", s->kind, WORD_MAX);
	history_put_text(o, "name", s->name, WORD_MAX);
	history_put_text(o, "version", s->version, WORD_MAX);
	history_put_text(o, "kernel", s->release, WORD_MAX);
	history_put_text(o, "arch", s->arch, WORD_MAX);
	history_put_text(o, "result", history_result_name(s->result), WORD_MAX);
	history_put_int(o, "msec", s->msec);
	history_put_int(o, "status", s->status);
	history_put_text(o, "reason", s->reason, TEXT_MAX);
	history_put_text(o, "request", s->request, WORD_MAX);
	history_put_text(o, "error", s->error, ERROR_MAX);
	for (size_t i = 0; i < s->lines.n && i < HISTORY_LINES_MAX; i++)
		json_object_array_add(list, history_text_object(s->lines.v[i], LINE_MAX_BYTES));
	json_object_object_add(o, "error_lines", list);
	history_put_text(o, "log", s->log, ERROR_MAX);
	history_put_confined(o, s);
	history_put_calls(o, &s->calls);
	history_put_bundle(o, s);
}

static void history_put_targets(struct json_object *o, const struct strv *targets)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < targets->n && i < HISTORY_TARGETS_MAX; i++)
		json_object_array_add(list, history_text_object(targets->v[i], WORD_MAX));
	json_object_object_add(o, "targets", list);
}

void history_entry_print(const struct history_entry *e, struct buf *ret)
{
	struct json_object *o = json_object_new_object();

	history_put_int(o, "schema", 1);
	history_put_text(o, "line", history_line_names[e->line], WORD_MAX);
	history_put_text(o, "run", e->run, WORD_MAX);
	history_put_time(o, "time", e->time);
	history_put_cause(o, &e->cause);
	if (e->line == HISTORY_STEP) {
		history_put_step(o, &e->step);
	} else if (e->line == HISTORY_BEGIN) {
		history_put_int(o, "pid", e->pid);
		history_put_int(o, "start", (int64_t)e->start);
		history_put_targets(o, &e->targets);
	} else {
		history_put_int(o, "status", e->status);
		json_object_object_add(o, "interrupted", json_object_new_boolean(e->interrupted));
		json_object_object_add(o, "refused", json_object_new_boolean(e->refused));
		history_put_int(o, "msec", e->msec);
		history_put_text(o, "error", e->error, ERROR_MAX);
	}
	buf_adds(ret, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	buf_addch(ret, '\n');
	json_object_put(o);
}

/* ---- reading ---- */

static struct json_object *history_get_member(struct json_object *o, const char *key,
					      enum json_type type)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(o, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

/* The text of the member `key` up to its first NUL byte; NULL: there is none.  Caller frees. */
static char *history_get_text(struct json_object *o, const char *key)
{
	struct json_object *value = history_get_member(o, key, json_type_string);

	return value ? xstrdup(json_object_get_string(value)) : NULL;
}

static int64_t history_get_int(struct json_object *o, const char *key, int64_t missing)
{
	struct json_object *value = history_get_member(o, key, json_type_int);

	return value ? json_object_get_int64(value) : missing;
}

static bool history_get_time(struct json_object *o, const char *key, int64_t *ret)
{
	AUTO_FREE char *text = history_get_text(o, key);
	struct tm tm = { 0 };
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;

	if (!end || *end)
		return false;
	*ret = timegm(&tm);
	return *ret >= 0;
}

static void history_get_packages(struct json_object *o, struct history_cause *c)
{
	struct json_object *list = history_get_member(o, "packages", json_type_array);
	size_t n = list ? json_object_array_length(list) : 0;

	if (n > HISTORY_PACKAGES_MAX)
		n = HISTORY_PACKAGES_MAX;
	c->packages = n ? xcalloc(n, sizeof(*c->packages)) : NULL;
	for (size_t i = 0; i < n; i++) {
		struct json_object *p = json_object_array_get_idx(list, i);

		if (json_object_is_type(p, json_type_object))
			c->packages[c->n++] = (struct history_package){
				.kind = history_get_text(p, "kind"),
				.key = history_get_text(p, "key"),
				.change = history_get_text(p, "change"),
				.package = history_get_text(p, "package"),
				.version = history_get_text(p, "version"),
			};
	}
	c->left_out = (uint64_t)history_get_int(o, "packages_left_out", 0);
}

static void history_get_cause(struct json_object *o, struct history_cause *c)
{
	c->uid = history_get_int(o, "uid", -1);
	c->user = history_get_text(o, "user");
	c->command = history_get_text(o, "command");
	c->caller = history_get_text(o, "caller");
	c->from = history_get_text(o, "from");
	history_get_packages(o, c);
}

static void history_get_confined(struct json_object *o, struct history_step *s)
{
	struct json_object *confined = history_get_member(o, "confined", json_type_object);

	if (!confined)
		return;
	s->confined = history_get_text(confined, "tier");
	s->confined_why = history_get_text(confined, "why");
}

static void history_get_calls(struct json_object *o, struct calls *c)
{
	int64_t compiled = history_get_int(o, "compiled", -1);
	int64_t replayed = history_get_int(o, "replayed", -1);

	if (compiled >= 0 && replayed >= 0 && compiled <= UINT_MAX && replayed <= UINT_MAX)
		*c = (struct calls){ true, (unsigned int)compiled, (unsigned int)replayed };
}

static void history_get_bundle(struct json_object *o, struct history_step *s)
{
	struct json_object *bundle = history_get_member(o, "bundle", json_type_object);

	if (!bundle)
		return;
	s->bundle = history_get_text(bundle, "key");
	s->bundle_from = history_get_text(bundle, "from");
	s->bundle_by = history_get_text(bundle, "signed_by");
}

static bool history_get_step(struct json_object *o, struct history_step *s)
{
	AUTO_FREE char *result = history_get_text(o, "result");
	struct json_object *list = history_get_member(o, "error_lines", json_type_array);
	size_t n = list ? json_object_array_length(list) : 0;

	s->number = (uint64_t)history_get_int(o, "step", 0);
	s->kind = history_get_text(o, "kind");
	s->name = history_get_text(o, "name");
	s->version = history_get_text(o, "version");
	s->release = history_get_text(o, "kernel");
	s->arch = history_get_text(o, "arch");
	s->result = history_result_parse(result ? result : "");
	s->msec = history_get_int(o, "msec", 0);
	s->status = (int)history_get_int(o, "status", 0);
	s->reason = history_get_text(o, "reason");
	s->request = history_get_text(o, "request");
	s->error = history_get_text(o, "error");
	for (size_t i = 0; i < n && i < HISTORY_LINES_MAX; i++) {
		struct json_object *line = json_object_array_get_idx(list, i);

		if (json_object_is_type(line, json_type_string))
			strv_add(&s->lines, json_object_get_string(line));
	}
	s->log = history_get_text(o, "log");
	history_get_confined(o, s);
	history_get_calls(o, &s->calls);
	history_get_bundle(o, s);
	return s->kind && s->number && s->result < HISTORY_RESULTS;
}

static bool history_get_line(struct json_object *o, enum history_line *ret)
{
	AUTO_FREE char *word = history_get_text(o, "line");

	for (size_t i = 0; word && i < ARRAY_SIZE(history_line_names); i++) {
		if (strcmp(history_line_names[i], word) == 0) {
			*ret = (enum history_line)i;
			return true;
		}
	}
	return false;
}

static void history_get_targets(struct json_object *o, struct strv *ret)
{
	struct json_object *list = history_get_member(o, "targets", json_type_array);
	size_t n = list ? json_object_array_length(list) : 0;

	for (size_t i = 0; i < n && i < HISTORY_TARGETS_MAX; i++) {
		struct json_object *target = json_object_array_get_idx(list, i);

		if (json_object_is_type(target, json_type_string))
			strv_add(ret, json_object_get_string(target));
	}
}

static bool history_get_entry(struct json_object *o, struct history_entry *e)
{
	struct json_object *interrupted = history_get_member(o, "interrupted", json_type_boolean);
	struct json_object *refused = history_get_member(o, "refused", json_type_boolean);

	e->run = history_get_text(o, "run");
	if (history_get_int(o, "schema", 0) != 1 || !e->run || !*e->run ||
	    !history_get_line(o, &e->line) || !history_get_time(o, "time", &e->time))
		return false;
	history_get_cause(o, &e->cause);
	if (e->line == HISTORY_STEP) {
		e->step.time = e->time;
		return history_get_step(o, &e->step);
	}
	e->pid = history_get_int(o, "pid", 0);
	e->start = (uint64_t)history_get_int(o, "start", 0);
	history_get_targets(o, &e->targets);
	e->status = (int)history_get_int(o, "status", 0);
	e->interrupted = interrupted && json_object_get_boolean(interrupted);
	e->refused = refused && json_object_get_boolean(refused);
	e->msec = history_get_int(o, "msec", 0);
	e->error = history_get_text(o, "error");
	return true;
}

int history_entry_parse(const char *text, size_t len, struct history_entry *ret)
{
	struct json_tokener *tok = len < HISTORY_LINE_MAX ? json_tokener_new() : NULL;
	struct json_object *o = tok ? json_tokener_parse_ex(tok, text, (int)len) : NULL;
	struct history_entry e = HISTORY_ENTRY_INIT;
	/* The line must have nothing but the object. */
	bool good = o && json_object_is_type(o, json_type_object) &&
		    json_tokener_get_parse_end(tok) == len && history_get_entry(o, &e);

	json_object_put(o);
	if (tok)
		json_tokener_free(tok);
	if (!good) {
		history_entry_release(&e);
		return -EBADMSG;
	}
	*ret = e;
	return 0;
}

/* ---- dkms log --json ---- */

static struct json_object *history_run_object(const struct history_run *r, enum history_state state)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	bool ended = r->ended >= 0;

	history_put_text(o, "run", r->id, WORD_MAX);
	history_put_time(o, "begun", r->begun);
	history_put_time(o, "ended", r->ended);
	history_put_text(o, "state", history_state_name(state), WORD_MAX);
	json_object_object_add(o, "status", ended ? json_object_new_int(r->status) : NULL);
	json_object_object_add(o, "msec", ended ? json_object_new_int64(r->msec) : NULL);
	history_put_text(o, "error", r->error, ERROR_MAX);
	history_put_cause(o, &r->cause);
	for (size_t i = 0; i < r->n; i++) {
		struct json_object *step = json_object_new_object();

		history_put_time(step, "time", r->steps[i].time);
		history_put_step(step, &r->steps[i]);
		json_object_array_add(list, step);
	}
	json_object_object_add(o, "steps", list);
	return o;
}

void history_json(const struct history *h, const struct history_filter *f,
		  const enum history_state *states, struct buf *ret)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	history_put_int(o, "schema", 1);
	for (size_t i = 0; i < h->n; i++) {
		if (history_run_fits(&h->runs[i], f, states[i]))
			json_object_array_add(list, history_run_object(&h->runs[i], states[i]));
	}
	json_object_object_add(o, "runs", list);
	text_add_json(ret, json_object_to_json_string_ext(
				   o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE));
	buf_addch(ret, '\n');
	json_object_put(o);
}
