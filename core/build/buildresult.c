/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build.h"

#include <string.h>

#include "base/alloc.h"
#include "base/words.h"

static const char *const phases[] = {
	[BUILD_PREPARE] = "prepare",	   [BUILD_PATCH] = "patch",
	[BUILD_PRE_BUILD] = "pre_build",   [BUILD_MAKE] = "make",
	[BUILD_CHECK] = "check",	   [BUILD_STAGE] = "stage",
	[BUILD_POST_BUILD] = "post_build", [BUILD_DONE] = "done",
};

void build_result_release(struct build_result *res)
{
	free(res->log);
	free(res->confined);
	free(res->confined_why);
	free(res->bundle);
	free(res->bundle_from);
	free(res->bundle_by);
	free(res->bundle_why);
	cause_release(&res->cause);
	if (res->lines.v) /* NULL in a result that was only zeroed */
		strv_release(&res->lines);
	*res = (struct build_result)BUILD_RESULT_INIT;
}

static void build_result_print_text(struct buf *b, const char *key, const char *text)
{
	if (!text)
		return;
	buf_addf(b, "%s ", key);
	buf_add_escaped(b, text);
	buf_addch(b, '\n');
}

void build_result_print(const struct build_result *res, const struct err *err, struct buf *b)
{
	AUTO_BUF struct buf calls = BUF_INIT;
	const char *line;

	buf_addf(b, "phase %s\nbuilt %d\nstatus %d\nmemorable %d\nunreachable %d\n",
		 phases[res->phase], res->built, res->status, res->memorable,
		 res->bundle_unreachable);
	build_result_print_text(b, "log", res->log);
	build_result_print_text(b, "confined", res->confined);
	build_result_print_text(b, "confined-why", res->confined_why);
	if (res->calls.counted) {
		calls_print(&res->calls, &calls);
		build_result_print_text(b, "calls", calls.s);
	}
	build_result_print_text(b, "bundle", res->bundle);
	build_result_print_text(b, "bundle-from", res->bundle_from);
	build_result_print_text(b, "bundle-by", res->bundle_by);
	build_result_print_text(b, "bundle-why", res->bundle_why);
	STRV_FOREACH (line, &res->lines)
		build_result_print_text(b, "line", line);
	buf_addf(b, "cause %s\nlasting %d\n", cause_name(res->cause.class), res->cause.lasting);
	build_result_print_text(b, "why", res->cause.line);
	build_result_print_text(b, "about", res->cause.about);
	buf_addf(b, "code %d\nexit %d\n", err->code, err->status);
	build_result_print_text(b, "text", err->text);
	buf_adds(b, "end\n");
}

static bool build_result_parse_phase(const char *name, enum build_phase *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(phases); i++)
		if (!strcmp(phases[i], name)) {
			*ret = (enum build_phase)i;
			return true;
		}
	return false;
}

static bool build_result_parse_cause(const char *key, const char *value, struct cause *c)
{
	if (!strcmp(key, "cause"))
		return cause_parse(value, &c->class);
	if (!strcmp(key, "lasting"))
		c->lasting = *value == '1';
	else if (!strcmp(key, "why") && !c->line)
		c->line = xstrdup(value);
	else if (!strcmp(key, "about") && !c->about)
		c->about = xstrdup(value);
	else
		return false;
	return true;
}

static bool build_result_parse_calls(const char *value, struct calls *c)
{
	AUTO_STRV struct strv words = STRV_INIT;

	strv_split(&words, value, " ");
	return calls_parse(&words, c);
}

static bool build_result_parse_bundle(const char *key, const char *value, struct build_result *res)
{
	if (!strcmp(key, "unreachable"))
		res->bundle_unreachable = *value == '1';
	else if (!strcmp(key, "bundle") && !res->bundle)
		res->bundle = xstrdup(value);
	else if (!strcmp(key, "bundle-from") && !res->bundle_from)
		res->bundle_from = xstrdup(value);
	else if (!strcmp(key, "bundle-by") && !res->bundle_by)
		res->bundle_by = xstrdup(value);
	else if (!strcmp(key, "bundle-why") && !res->bundle_why)
		res->bundle_why = xstrdup(value);
	else
		return false;
	return true;
}

static bool build_result_parse_word(const char *key, const char *value, struct build_result *res,
				    struct err *err)
{
	if (!strcmp(key, "phase"))
		return build_result_parse_phase(value, &res->phase);
	if (!strcmp(key, "built"))
		res->built = *value == '1';
	else if (!strcmp(key, "status"))
		res->status = atoi(value);
	else if (!strcmp(key, "memorable"))
		res->memorable = *value == '1';
	else if (!strcmp(key, "log") && !res->log)
		res->log = xstrdup(value);
	else if (!strcmp(key, "confined") && !res->confined)
		res->confined = xstrdup(value);
	else if (!strcmp(key, "confined-why") && !res->confined_why)
		res->confined_why = xstrdup(value);
	else if (!strcmp(key, "calls"))
		return build_result_parse_calls(value, &res->calls);
	else if (!strcmp(key, "line"))
		strv_add(&res->lines, value);
	else if (!strcmp(key, "code"))
		err->code = atoi(value);
	else if (!strcmp(key, "exit"))
		err->status = atoi(value);
	else if (!strcmp(key, "text") && !err->text)
		err->text = xstrdup(value);
	else
		return build_result_parse_cause(key, value, &res->cause) ||
		       build_result_parse_bundle(key, value, res);
	return true;
}

int build_result_parse(const char *text, struct build_result *ret, struct err *ret_err)
{
	struct build_result res = BUILD_RESULT_INIT;
	struct err err = ERR_INIT;
	struct words w;
	bool ended = false, good = true;
	int r;

	words_begin(&w, text, strlen(text));
	while (good && !ended && (r = words_next(&w)) != 0) {
		ended = r > 0 && w.word.n == 1 && !strcmp(w.word.v[0], "end");
		good = ended || (r > 0 && w.word.n == 2 &&
				 build_result_parse_word(w.word.v[0], w.word.v[1], &res, &err));
	}
	words_end(&w);
	if (!good || !ended) {
		build_result_release(&res);
		err_release(&err);
		return -E_CORRUPT;
	}
	*ret = res;
	err_move(ret_err, &err);
	return 0;
}
