/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/historyjson.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"

enum { WORD_MAX = 256, TEXT_MAX = 1024, ERROR_MAX = 4096, LINE_MAX_BYTES = 512 };

static const char *const lines[] = {
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

/* ---- out ---- */

static struct json_object *text_of(const char *s, size_t max)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (!s)
		return NULL;
	text_add_valid(&b, s, max);
	return json_object_new_string_len(b.s, (int)b.len);
}

static void put(struct json_object *o, const char *key, const char *value, size_t max)
{
	json_object_object_add(o, key, text_of(value, max));
}

static void put_int(struct json_object *o, const char *key, int64_t value)
{
	json_object_object_add(o, key, json_object_new_int64(value));
}

static void put_time(struct json_object *o, const char *key, int64_t t)
{
	AUTO_FREE char *text = t < 0 ? NULL : history_time(t);

	put(o, key, text, WORD_MAX);
}

static struct json_object *package(const struct history_package *p)
{
	struct json_object *o = json_object_new_object();

	put(o, "kind", p->kind, WORD_MAX);
	put(o, "key", p->key, WORD_MAX);
	put(o, "change", p->change, WORD_MAX);
	put(o, "package", p->package, WORD_MAX);
	put(o, "version", p->version, WORD_MAX);
	return o;
}

static void put_cause(struct json_object *o, const struct history_cause *c)
{
	struct json_object *list = json_object_new_array();
	size_t n = c->n < HISTORY_PACKAGES_MAX ? c->n : HISTORY_PACKAGES_MAX;

	json_object_object_add(o, "uid", c->uid < 0 ? NULL : json_object_new_int64(c->uid));
	put(o, "user", c->user, WORD_MAX);
	put(o, "command", c->command, TEXT_MAX);
	put(o, "caller", c->caller, TEXT_MAX);
	put(o, "from", c->from, WORD_MAX);
	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, package(&c->packages[i]));
	json_object_object_add(o, "packages", list);
	put_int(o, "packages_left_out", (int64_t)(c->n - n + c->left_out));
}

static void put_step(struct json_object *o, const struct history_step *s)
{
	struct json_object *list = json_object_new_array();

	put_int(o, "step", (int64_t)s->number);
	put(o, "kind", s->kind, WORD_MAX);
	put(o, "name", s->name, WORD_MAX);
	put(o, "version", s->version, WORD_MAX);
	put(o, "kernel", s->release, WORD_MAX);
	put(o, "arch", s->arch, WORD_MAX);
	put(o, "result", history_result_name(s->result), WORD_MAX);
	put_int(o, "msec", s->msec);
	put_int(o, "status", s->status);
	put(o, "reason", s->reason, TEXT_MAX);
	put(o, "error", s->error, ERROR_MAX);
	for (size_t i = 0; i < s->lines.n && i < HISTORY_LINES_MAX; i++)
		json_object_array_add(list, text_of(s->lines.v[i], LINE_MAX_BYTES));
	json_object_object_add(o, "error_lines", list);
	put(o, "log", s->log, ERROR_MAX);
}

void history_entry_print(const struct history_entry *e, struct buf *ret)
{
	struct json_object *o = json_object_new_object();

	put_int(o, "schema", 1);
	put(o, "line", lines[e->line], WORD_MAX);
	put(o, "run", e->run, WORD_MAX);
	put_time(o, "time", e->time);
	put_cause(o, &e->cause);
	if (e->line == HISTORY_STEP) {
		put_step(o, &e->step);
	} else if (e->line == HISTORY_BEGIN) {
		put_int(o, "pid", e->pid);
		put_int(o, "start", (int64_t)e->start);
	} else {
		put_int(o, "status", e->status);
		json_object_object_add(o, "interrupted", json_object_new_boolean(e->interrupted));
		put_int(o, "msec", e->msec);
		put(o, "error", e->error, ERROR_MAX);
	}
	buf_adds(ret, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	buf_addch(ret, '\n');
	json_object_put(o);
}

/* ---- in ---- */

static struct json_object *member(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(o, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

/* Caller frees; NULL: none. A NUL byte ends it. */
static char *get(struct json_object *o, const char *key)
{
	struct json_object *value = member(o, key, json_type_string);

	return value ? xstrdup(json_object_get_string(value)) : NULL;
}

static int64_t get_int(struct json_object *o, const char *key, int64_t missing)
{
	struct json_object *value = member(o, key, json_type_int);

	return value ? json_object_get_int64(value) : missing;
}

static bool get_time(struct json_object *o, const char *key, int64_t *ret)
{
	AUTO_FREE char *text = get(o, key);
	struct tm tm = { 0 };
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm) : NULL;

	if (!end || *end)
		return false;
	*ret = timegm(&tm);
	return *ret >= 0;
}

static void get_packages(struct json_object *o, struct history_cause *c)
{
	struct json_object *list = member(o, "packages", json_type_array);
	size_t n = list ? json_object_array_length(list) : 0;

	if (n > HISTORY_PACKAGES_MAX)
		n = HISTORY_PACKAGES_MAX;
	c->packages = n ? xcalloc(n, sizeof(*c->packages)) : NULL;
	for (size_t i = 0; i < n; i++) {
		struct json_object *p = json_object_array_get_idx(list, i);

		if (json_object_is_type(p, json_type_object))
			c->packages[c->n++] = (struct history_package){
				.kind = get(p, "kind"),
				.key = get(p, "key"),
				.change = get(p, "change"),
				.package = get(p, "package"),
				.version = get(p, "version"),
			};
	}
	c->left_out = (uint64_t)get_int(o, "packages_left_out", 0);
}

static void get_cause(struct json_object *o, struct history_cause *c)
{
	c->uid = get_int(o, "uid", -1);
	c->user = get(o, "user");
	c->command = get(o, "command");
	c->caller = get(o, "caller");
	c->from = get(o, "from");
	get_packages(o, c);
}

static bool get_step(struct json_object *o, struct history_step *s)
{
	AUTO_FREE char *result = get(o, "result");
	struct json_object *list = member(o, "error_lines", json_type_array);
	size_t n = list ? json_object_array_length(list) : 0;

	s->number = (uint64_t)get_int(o, "step", 0);
	s->kind = get(o, "kind");
	s->name = get(o, "name");
	s->version = get(o, "version");
	s->release = get(o, "kernel");
	s->arch = get(o, "arch");
	s->result = history_result_parse(result ? result : "");
	s->msec = get_int(o, "msec", 0);
	s->status = (int)get_int(o, "status", 0);
	s->reason = get(o, "reason");
	s->error = get(o, "error");
	for (size_t i = 0; i < n && i < HISTORY_LINES_MAX; i++) {
		struct json_object *line = json_object_array_get_idx(list, i);

		if (json_object_is_type(line, json_type_string))
			strv_add(&s->lines, json_object_get_string(line));
	}
	s->log = get(o, "log");
	return s->kind && s->number && s->result < HISTORY_RESULTS;
}

static bool get_line(struct json_object *o, enum history_line *ret)
{
	AUTO_FREE char *word = get(o, "line");

	for (size_t i = 0; word && i < ARRAY_SIZE(lines); i++) {
		if (strcmp(lines[i], word) == 0) {
			*ret = (enum history_line)i;
			return true;
		}
	}
	return false;
}

static bool get_entry(struct json_object *o, struct history_entry *e)
{
	struct json_object *interrupted = member(o, "interrupted", json_type_boolean);

	e->run = get(o, "run");
	if (get_int(o, "schema", 0) != 1 || !e->run || !*e->run || !get_line(o, &e->line) ||
	    !get_time(o, "time", &e->time))
		return false;
	get_cause(o, &e->cause);
	if (e->line == HISTORY_STEP) {
		e->step.time = e->time;
		return get_step(o, &e->step);
	}
	e->pid = get_int(o, "pid", 0);
	e->start = (uint64_t)get_int(o, "start", 0);
	e->status = (int)get_int(o, "status", 0);
	e->interrupted = interrupted && json_object_get_boolean(interrupted);
	e->msec = get_int(o, "msec", 0);
	e->error = get(o, "error");
	return true;
}

int history_entry_parse(const char *text, size_t len, struct history_entry *ret)
{
	struct json_tokener *tok = len < HISTORY_LINE_MAX ? json_tokener_new() : NULL;
	struct json_object *o = tok ? json_tokener_parse_ex(tok, text, (int)len) : NULL;
	struct history_entry e = HISTORY_ENTRY_INIT;
	/* Nothing but blanks may follow. */
	bool good = o && json_object_is_type(o, json_type_object) &&
		    json_tokener_get_parse_end(tok) == len && get_entry(o, &e);

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

/* ---- the document ---- */

static struct json_object *run_document(const struct history_run *r, enum history_state state)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	bool ended = r->ended >= 0;

	put(o, "run", r->id, WORD_MAX);
	put_time(o, "begun", r->begun);
	put_time(o, "ended", r->ended);
	put(o, "state", history_state_name(state), WORD_MAX);
	json_object_object_add(o, "status", ended ? json_object_new_int(r->status) : NULL);
	json_object_object_add(o, "msec", ended ? json_object_new_int64(r->msec) : NULL);
	put(o, "error", r->error, ERROR_MAX);
	put_cause(o, &r->cause);
	for (size_t i = 0; i < r->n; i++) {
		struct json_object *step = json_object_new_object();

		put_time(step, "time", r->steps[i].time);
		put_step(step, &r->steps[i]);
		json_object_array_add(list, step);
	}
	json_object_object_add(o, "steps", list);
	return o;
}

void history_json(const struct history *h, const struct history_filter *f,
		  const enum history_state *states, struct buf *ret)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	put_int(o, "schema", 1);
	for (size_t i = 0; i < h->n; i++) {
		if (history_run_fits(&h->runs[i], f, states[i]))
			json_object_array_add(list, run_document(&h->runs[i], states[i]));
	}
	json_object_object_add(o, "runs", list);
	text_add_json(ret, json_object_to_json_string_ext(
				   o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE));
	buf_addch(ret, '\n');
	json_object_put(o);
}
