/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The build step: facts, lock, worker, and what is remembered of its end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/kernels.h"
#include "engine/run.h"
#include "engine/source.h"
#include "engine/tree.h"
#include "model/kconfig.h"
#include "sys/proc.h"

/* The newest package version that the ledger or the world knows. */
static void owner_facts(const struct run *r, const struct step *s, struct record *ret)
{
	const struct world_module *m = world_module(&r->s->world, &s->id);
	const struct world_folder *f = world_folder(&r->s->world, &s->id);
	const struct ledger *l = r->p->owners.n_owned ? &r->p->owners : &r->s->world.ledger;
	const struct owned *kernel = s->release ? ledger_owned(l, OWNED_KERNEL, s->release) : NULL;

	ret->owner = xstrdup(m ? m->owner : f ? f->owner : NULL);
	ret->owner_version = xstrdup(m ? m->owner_version : f ? f->owner_version : NULL);
	ret->kernel_owner = xstrdup(kernel ? kernel->package : NULL);
}

static void depends_facts(const struct run *r, const struct step *s, const struct conf *c,
			  struct record *ret)
{
	for (size_t i = 0; i < c->depends.n; i++) {
		struct target t = { c->depends.v[i], NULL, s->release, s->arch };
		AUTO_FREE char *version = change_active_version(r->e, &t);

		if (version)
			strv_addf(&ret->depends, "%s/%s", t.name, version);
	}
}

void run_facts(const struct run *r, const struct step *s, struct record *ret)
{
	const struct world_module *m = world_module(&r->s->world, &s->id);
	const struct world_kernel *k = world_kernel(&r->s->world, s->release);
	struct target t = run_target(s);
	const struct conf *c = confs_get(&r->s->confs, &t);
	AUTO_FREE char *source = run_source(r, &s->id);

	*ret = (struct record){ .depends = STRV_INIT };
	if (m && m->content)
		ret->content = xstrdup(m->content);
	else if (source_content(r->e, source, NULL, &ret->content) < 0)
		ret->content = NULL;
	if (source_overrides(r->e, &t, &ret->overrides) < 0)
		ret->overrides = xstrdup("");
	ret->headers = xstrdup(k && k->headers ? k->headers : "");
	ret->options = xstrdup(s->force ? "force" : "");
	owner_facts(r, s, ret);
	if (!c)
		return;
	ret->remake_initrd = c->remake_initrd;
	ret->post_remove = xstrdup(c->scripts[SCRIPT_POST_REMOVE]);
	depends_facts(r, s, c, ret);
}

/* ---- the worker ---- */

struct work {
	struct engine *e;
	struct target t;
	const struct conf *conf;
	struct build_opts opts;
	int fd; /* the result goes here */
};

static void write_all(int fd, const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s += n;
		len -= (size_t)n;
	}
}

static int work(void *arg)
{
	struct work *w = arg;
	AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	int k = build_run(w->e, &w->t, w->conf, &w->opts, &res, &err);

	if (k < 0 && !err.code)
		err_sys(&err, k, "build");
	build_result_print(&res, &err, &b);
	write_all(w->fd, b.s, b.len);
	return k < 0;
}

static void read_all(int fd, struct buf *b)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n > 0)
			buf_add(b, chunk, (size_t)n);
		else if (errno != EINTR)
			return;
	}
}

static int run_worker(struct work *w, struct run_step *ret)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct proc_worker worker = { 0 };
	int fds[2], k;
	size_t i;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(&ret->err, -errno, "pipe");
	w->fd = fds[1];
	k = proc_worker_start(&worker, work, w);
	close(fds[1]);
	if (k == 0) {
		read_all(fds[0], &b);
		k = proc_worker_wait(&worker, 1, &i);
	}
	close(fds[0]);
	if (k < 0)
		return err_sys(&ret->err, k, "The build could not be started");
	build_result_release(&ret->build);
	if (!b.len || build_result_parse(b.s, &ret->build, &ret->err) < 0)
		return err_set(&ret->err, proc_interrupted() ? -E_INTERRUPTED : -E_GENERAL,
			       "The build of %s/%s for %s was ended from outside.", w->t.name,
			       w->t.version, w->t.release);
	return ret->err.code;
}

static char *jobs_option(const struct engine *e)
{
	const char *s = settings_get(&e->settings, SET_PARALLEL_JOBS);
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (strcmp(s, "0") == 0)
		return xstrdup("-j");
	if (*s)
		return xasprintf("-j%s", s);
	return xasprintf("-j%ld", n > 0 ? n : 1);
}

static int build_now(struct run *r, const struct step *s, const struct conf *conf,
		     struct run_step *ret)
{
	struct kconfig config = { 0 };
	AUTO_RECORD struct record facts = { .depends = STRV_INIT };
	AUTO_FREE char *headers = engine_headers_dir(r->e, s->release);
	AUTO_FREE char *jobs = jobs_option(r->e);
	bool has_config = kernel_config(r->e, s->release, &config) == 0;
	struct work w = {
		.e = r->e,
		.t = run_target(s),
		.conf = conf,
		.opts = {
			.headers = headers,
			.config = has_config ? &config : NULL,
			.jobs = jobs,
			.suffix = kernel_module_suffix(r->e, s->release,
						       has_config ? &config : NULL),
			.facts = &facts,
		},
	};
	int k;

	run_facts(r, s, &facts);
	k = run_worker(&w, ret);
	if (has_config)
		kconfig_release(&config);
	return k;
}

/* ---- remembering ---- */

struct memory {
	const struct run *r;
	const struct step *s;
	const struct run_step *result;
	char *key;
};

static void remember(struct ledger *l, void *data)
{
	struct memory *m = data;
	const struct step *s = m->s;
	struct failure f = { 0 };

	ledger_drop_failures(l, s->id.name, s->id.version, s->release, s->arch);
	if (!m->result)
		return;
	f.name = xstrdup(s->id.name);
	f.version = xstrdup(s->id.version);
	f.release = xstrdup(s->release);
	f.arch = xstrdup(s->arch);
	f.key = TAKE(m->key);
	f.what = xstrdup(m->result->build.lines.n ? m->result->build.lines.v[0]
			 : m->result->err.text	  ? m->result->err.text
						  : "");
	f.log = xstrdup(m->result->build.log ? m->result->build.log : "");
	ledger_put_failure(l, &f);
}

/* A failure that would come again, or the end of one. */
static void note_outcome(struct run *r, const struct step *s, const struct run_step *ret,
			 bool failed)
{
	struct target t = run_target(s);
	struct memory m = { .r = r, .s = s, .result = failed ? ret : NULL };
	AUTO_ERR struct err err = ERR_INIT;
	bool known = ledger_failure(&r->s->world.ledger, t.name, t.version, t.release, t.arch);

	if (failed ? !ret->build.memorable : !known)
		return;
	if (failed)
		m.key = survey_failure_key(r->e, &r->s->world, &t);
	if ((!failed || m.key) && run_change_ledger(r, LEDGER_FAILURES, remember, &m, &err) < 0)
		log_debug("failures: %s", err.text ? err.text : error_text(err.code));
	free(m.key);
}

/* While this run waited, the holder may have made just what is wanted. */
static bool made_meanwhile(struct run *r, const struct step *s)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	const struct world_module *m = world_module(&r->s->world, &s->id);
	const struct world_kernel *k = world_kernel(&r->s->world, s->release);
	struct target t = run_target(s);

	if (s->force || !m || !k || tree_record_read(r->e, &t, &rec, NULL) < 0)
		return false;
	return rec.content && m->content && strcmp(rec.content, m->content) == 0 &&
	       !world_headers_differ(rec.headers, k->headers);
}

int run_build(struct run *r, const struct step *s, struct run_step *ret)
{
	struct target t = run_target(s);
	const struct confs_entry *entry = confs_entry(&r->s->confs, &t);
	struct lock lock = LOCK_INIT;
	bool waited = false;
	int k;

	k = confs_check(r->e, entry, true, &ret->err);
	if (k < 0)
		return k;
	k = run_lock_target(r, s, &lock, &waited, &ret->err);
	if (k < 0)
		return k;
	ret->state = RUN_DONE;
	if (waited && made_meanwhile(r, s)) {
		ret->state = RUN_UNCHANGED;
	} else {
		k = build_now(r, s, &entry->conf, ret);
		note_outcome(r, s, ret, k < 0);
	}
	lock_release(&lock);
	return k;
}
