/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/trywork.h"

#include "archive/import.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/words.h"
#include "build/build.h"
#include "build/scratch.h"
#include "cause/class.h"
#include "kernel/kernels.h"
#include "model/lines.h"
#include "module/modulesuffix.h"
#include "sys/atomic.h"
#include "sys/clock.h"
#include "sys/fs.h"

#define RESULT_MAX (1U << 20)

char *trywork_tree(const struct tries *t, const struct try_result *r)
{
	return xasprintf("%s/tree-%s", t->scratch, r->release);
}

char *trywork_file(const struct tries *t, const struct try_result *r)
{
	return xasprintf("%s/result-%s", t->scratch, r->release);
}

static char *trywork_log(const struct tries *t, const struct try_result *r)
{
	return xasprintf("%s/%s.make.log", t->scratch, r->release);
}

/* ---- the build ---- */

static char *trywork_jobs(const struct trywork *w)
{
	const char *s = settings_get(&w->e->settings, SET_PARALLEL_JOBS);

	if (w->jobs)
		return xstrdup("");
	if (!strcmp(s, "0"))
		return xstrdup("-j");
	return *s ? xasprintf("-j%s", s) : xasprintf("-j%u", jobs_default());
}

static int trywork_build_conf(struct trywork *w, const struct target *t, const struct conf *conf,
			      struct build_result *res, struct err *err)
{
	AUTO_FREE char *headers = engine_headers_dir(w->e, t->release);
	AUTO_FREE char *jobs = trywork_jobs(w);
	struct kconfig config = { 0 };
	bool has_config = kernel_config(w->e, t->release, &config) == 0;
	struct build_opts opts = {
		.headers = headers,
		.config = has_config ? &config : NULL,
		.jobs = jobs,
		.jobserver = w->jobs,
		.suffix = kernel_module_suffix(w->e, t->release, has_config ? &config : NULL),
	};
	int r = build_run(w->e, t, conf, &opts, res, err);

	if (has_config)
		kconfig_release(&config);
	return r;
}

static void trywork_take_built(const struct conf *conf, struct try_result *ret)
{
	ret->state = TRY_BUILT;
	for (size_t i = 0; i < conf->n_modules; i++) {
		if (!conf->modules[i].excluded)
			strv_addf(&ret->modules, "%s.ko", conf->modules[i].dest_name);
	}
}

static void trywork_take_failure(struct trywork *w, const struct build_result *res,
				 const struct err *err, struct try_result *ret)
{
	const char *text = err->text ? err->text : error_text(err->code);
	AUTO_FREE char *log = trywork_log(w->t, w->result);

	ret->state = TRY_FAILED;
	ret->reason = xstrndup(text, strcspn(text, "\n"));
	if (res->phase == BUILD_MAKE || res->phase == BUILD_PRE_BUILD ||
	    res->phase == BUILD_PATCH) {
		ret->cause = xstrdup(cause_name(res->cause.class));
		strv_add_all(&ret->lines, &res->lines);
	}
	if (!ret->lines.n)
		strv_split(&ret->lines, text, "\n");
	if (!ret->lines.n)
		strv_add(&ret->lines, ret->reason);
	if (res->log && fs_rename(&w->e->root, res->log, log) == 0)
		ret->log = TAKE(log);
}

static void trywork_build(struct trywork *w, struct try_result *ret)
{
	const struct modid *id = &w->t->id;
	struct target t = { id->name, id->version, w->result->release, w->e->arch };
	AUTO_FREE char *path = xasprintf("%s/dkms.conf", w->folder);
	AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
	AUTO_CONF struct conf conf = CONF_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *tree = trywork_tree(w->t, w->result);
	int r = scratch_enter(w->e, tree, id, w->folder);

	if (r < 0)
		r = err_sys(&err, r, "%s", w->t->scratch);
	if (r == 0)
		r = import_conf(w->e, path, &t, true, &conf, &err);
	if (r == 0 && conf.excluded) {
		ret->state = TRY_EXCLUDED;
		ret->reason = xstrdup(conf.excluded);
		return;
	}
	if (r == 0)
		r = trywork_build_conf(w, &t, &conf, &res, &err);
	if (r < 0 && !err.code)
		r = err_sys(&err, r, "build");
	if (r == 0)
		trywork_take_built(&conf, ret);
	else
		trywork_take_failure(w, &res, &err, ret);
}

/* ---- the file ---- */

static void trywork_print_list(struct buf *b, const char *key, const struct strv *list)
{
	const char *text;

	STRV_FOREACH (text, list) {
		buf_adds(b, key);
		lines_add_word(b, text);
		buf_addch(b, '\n');
	}
}

static void trywork_print(const struct try_result *r, struct buf *b)
{
	buf_addf(b, "dkms-try 1\nstate %d", r->state);
	lines_add_value(b, "reason", r->reason);
	lines_add_value(b, "cause", r->cause);
	lines_add_value(b, "log", r->log);
	buf_addf(b, " msec=%llu\n", (unsigned long long)r->msec);
	trywork_print_list(b, "line", &r->lines);
	trywork_print_list(b, "module", &r->modules);
	buf_adds(b, "end\n");
}

static const char *trywork_read_line(const struct strv *words, void *data)
{
	struct try_result *r = data;

	if (words->n < 2)
		return "a line without a value";
	if (!strcmp(words->v[0], "line"))
		strv_add(&r->lines, words->v[1]);
	else if (!strcmp(words->v[0], "module"))
		strv_add(&r->modules, words->v[1]);
	if (strcmp(words->v[0], "state") != 0)
		return NULL;
	r->state = (enum try_state)atoi(words->v[1]);
	r->reason = xstrdup(words_value(words, 2, "reason"));
	r->cause = xstrdup(words_value(words, 2, "cause"));
	r->log = xstrdup(words_value(words, 2, "log"));
	if (!lines_u64(words_value(words, 2, "msec"), &r->msec))
		return "no time";
	return NULL;
}

int trywork_run(void *work)
{
	struct trywork *w = work;
	uint64_t begun = clock_msec();
	CLEANUP(try_result_release)
	struct try_result r = { .lines = STRV_INIT, .modules = STRV_INIT };
	AUTO_FREE char *path = trywork_file(w->t, w->result);
	AUTO_BUF struct buf b = BUF_INIT;

	log_set_level(LOG_WARNING); /* notes of several builds at a time would get mixed up */
	trywork_build(w, &r);
	r.msec = clock_msec() - begun;
	trywork_print(&r, &b);
	return atomic_write_file(&w->e->root, path, b.s, b.len, 0600) < 0;
}

void trywork_take(const struct engine *e, const struct tries *t, struct try_result *ret)
{
	AUTO_FREE char *path = trywork_file(t, ret);
	AUTO_BUF struct buf text = BUF_INIT;

	if (fs_read(&e->root, path, RESULT_MAX, &text) == 0 &&
	    lines_parse(text.s, "try", trywork_read_line, ret, NULL) == 0)
		return;
	ret->state = TRY_FAILED;
	free(ret->reason);
	ret->reason = xstrdup("the build was ended from outside");
	strv_add(&ret->lines, ret->reason);
}
