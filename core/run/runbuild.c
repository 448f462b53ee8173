/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The build step: facts for the record, lock, worker. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "bundle/bundleuse.h"
#include "conf/source.h"
#include "confine/confine.h"
#include "kernel/kernels.h"
#include "model/kconfig.h"
#include "module/modulesuffix.h"
#include "replay/replaylook.h"
#include "run/run.h"
#include "run/smoke.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/proc.h"
#include "sys/signals.h"
#include "tree/tree.h"

/* How many fetches run at a time.  There are fewer if builds may follow, which need memory. */
enum { FETCHES = 8, FETCHES_BEFORE_BUILDS = 4 };

static void run_owner_facts(const struct run *r, const struct step *s, struct record *ret)
{
	const struct world_module *m = world_module(&r->s->world, &s->id);
	const struct world_folder *f = world_folder(&r->s->world, &s->id);
	const struct owners *l = r->p->owners.n ? &r->p->owners : &r->s->world.owners;
	const struct owned *kernel = s->release ? ledger_owned(l, OWNED_KERNEL, s->release) : NULL;

	ret->owner = xstrdup(m ? m->owner : f ? f->owner : NULL);
	ret->owner_version = xstrdup(m ? m->owner_version : f ? f->owner_version : NULL);
	ret->kernel_owner = xstrdup(kernel ? kernel->package : NULL);
}

/*
 * The version of the dependency t->name that counts: the one that is installed.  If none is
 * installed and the plan is ahead, the one that is built.  Caller frees.
 */
static char *run_dependency_version(const struct run *r, const struct target *t)
{
	char *version = tree_active_version(r->e, t);

	for (size_t i = 0; !version && r->p->ahead && i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];

		if ((s->kind == STEP_BUILD || s->kind == STEP_SKIP) &&
		    strcmp(s->id.name, t->name) == 0 && strcmp(s->release, t->release) == 0)
			version = xstrdup(s->id.version);
	}
	return version;
}

static void run_depends_facts(const struct run *r, const struct step *s, const struct conf *c,
			      struct record *ret)
{
	for (size_t i = 0; i < c->depends.n; i++) {
		struct target t = { c->depends.v[i], NULL, s->release, s->arch };
		AUTO_FREE char *version = run_dependency_version(r, &t);

		t.version = version;
		tree_add_dependency(r->e, &t, &ret->depends);
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
	if (source_overrides(r->e, &t, NULL, &ret->overrides) < 0)
		ret->overrides = xstrdup("");
	ret->headers = xstrdup(k && k->headers ? k->headers : "");
	ret->prebuilt = r->p->ahead;
	ret->options = bundle_options(r->e, s->release, s->arch);
	if (!*ret->options)
		free(TAKE(ret->options));
	run_owner_facts(r, s, ret);
	if (!c)
		return;
	ret->remake_initrd = c->remake_initrd;
	ret->no_weak_modules = c->no_weak_modules;
	ret->post_remove = xstrdup(c->scripts[SCRIPT_POST_REMOVE]);
	run_depends_facts(r, s, c, ret);
}

/* ---- the worker ---- */

struct build_work {
	struct engine *e;
	struct target t;
	const struct conf *conf;
	struct build_opts opts;
	int fd;	    /* memfd for the build_result */
	bool quiet; /* several builds at a time: their notes would get mixed up */
	bool ahead; /* as in struct plan */
	/* Of the bundle to fetch instead.  NULL: fetch none; `no_bundle` says why, if it is set. */
	char *key;
	struct err no_bundle;
	bool only_bundles, has_headers;
};

static void run_build_take_bundle(const struct bundle_got *got, struct build_result *res)
{
	res->phase = BUILD_DONE;
	res->built = true;
	res->bundle = xstrdup(got->checked.manifest.key);
	res->bundle_from = xstrdup(got->from);
	res->bundle_by = strv_join(&got->checked.signers, ", ");
}

/* Fetch the build.  Returns 0, or an error that says why it has to be made here. */
static int run_build_fetch(struct build_work *w, struct build_result *res, bool *ret_unreachable,
			   struct err *err)
{
	AUTO_BUNDLE_GOT struct bundle_got got = BUNDLE_GOT_INIT;
	int k;

	if (!w->key)
		return err_set(err, w->no_bundle.code, "%s", w->no_bundle.text);
	k = bundle_build(w->e, &w->t, w->conf, &w->opts, w->key, &got, err);
	if (k == 0)
		run_build_take_bundle(&got, res);
	*ret_unreachable = got.unreachable;
	return k;
}

/* Nothing can be built here: the failure is that there is no bundle. */
static int run_build_without_bundle(const struct build_work *w, const struct err *why,
				    struct build_result *res, struct err *err)
{
	const char *text = why->text ? why->text : error_text(why->code);

	res->cause.line = xstrndup(text, strcspn(text, "\n"));
	res->cause.lasting = false;
	if (w->only_bundles)
		return err_set(err, why->code, "no bundle: %s\nbundles=only: nothing is built here",
			       text);
	return err_set(err, -E_NO_HEADERS,
		       "the kernel's headers are not installed, and there is no bundle: %s", text);
}

/* If bundles are used, try to fetch the build.  Build it here if there is no bundle. */
static int run_build_obtain(struct build_work *w, struct build_result *res, struct err *err)
{
	AUTO_ERR struct err why = ERR_INIT;
	bool unreachable = false;
	int k;

	if (!w->key && !w->no_bundle.code)
		return build_run(w->e, &w->t, w->conf, &w->opts, res, err);
	k = run_build_fetch(w, res, &unreachable, &why);
	if (k == -E_INTERRUPTED)
		return err_set(err, k, "interrupted");
	if (k == 0)
		return 0;
	k = w->only_bundles || !w->has_headers
		    ? run_build_without_bundle(w, &why, res, err)
		    : build_run(w->e, &w->t, w->conf, &w->opts, res, err);
	res->bundle_why = xstrdup(why.text ? why.text : error_text(why.code));
	res->bundle_unreachable = unreachable;
	return k;
}

static int run_build_work(void *arg)
{
	struct build_work *w = arg;
	AUTO_BUILD_RESULT struct build_result res = BUILD_RESULT_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	int k;

	if (w->quiet)
		log_set_level(LOG_WARNING);
	k = run_build_obtain(w, &res, &err);
	if (k < 0 && !err.code)
		err_sys(&err, k, "build");
	/* Have the headers gone bad since they were tried?  Then the source is not to blame. */
	if (w->ahead && res.memorable)
		res.memorable = smoke_build(w->e, w->t.release, w->t.name, NULL) == 0;
	build_result_print(&res, &err, &b);
	return fd_write(w->fd, b.s, b.len) < 0 || k < 0;
}

static int run_build_read(int fd, struct buf *b)
{
	char chunk[4096];
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n > 0)
			buf_add(b, chunk, (size_t)n);
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

/*
 * The option -j for make, e.g. "-j8", or "-j" for no limit; "" if make uses the jobserver.  Caller
 * frees.
 */
static char *run_jobs_option(const struct run *r)
{
	const char *s = settings_get(&r->e->settings, SET_PARALLEL_JOBS);

	if (r->shared)
		return xstrdup("");
	if (strcmp(s, "0") == 0)
		return xstrdup("-j");
	return *s ? xasprintf("-j%s", s) : xasprintf("-j%u", jobs_default());
}

/* Let replay know the headers of the step's kernel.  ret: kernel_more_headers(). */
static void run_build_look(const struct run *r, const struct step *s, struct strv *ret)
{
	AUTO_FREE char *headers = engine_headers_dir(r->e, s->release);

	kernel_more_headers(r->e, s->release, headers, ret);
	replaylook_headers(r->e, s->release, headers, ret);
}

bool run_build_repeats(const struct run *r, const struct step *s, const struct step *running)
{
	AUTO_STRV struct strv more = STRV_INIT;

	if (s->force || strcmp(s->id.name, running->id.name) != 0 ||
	    strcmp(s->id.version, running->id.version) != 0)
		return false;
	run_build_look(r, s, &more);
	return replaylook_alike(r->e, s->release, running->release);
}

/* Which bundle may stand for this build, if bundles are to be used at all? */
static void run_build_choose_bundle(const struct run *r, const struct step *s,
				    const struct record *facts, struct build_work *w)
{
	AUTO_BUNDLE_INPUT struct bundle_input in = BUNDLE_INPUT_INIT;
	const struct world *world = &r->s->world;
	const struct world_kernel *k = world_kernel(world, s->release);
	char key[DIGEST_HEX];

	/* A build ahead of its kernel shows if the source can be built: a bundle cannot. */
	if (!world->bundles || r->p->ahead)
		return;
	w->only_bundles = world->only_bundles;
	w->has_headers = k && k->headers;
	if (r->stores_down)
		err_set(&w->no_bundle, -E_NO_BUNDLE, "%s", r->stores_down);
	else if (bundle_input_find(r->e, &w->t, facts, &in, &w->no_bundle) == 0) {
		bundle_key(&in, key);
		w->key = xstrdup(key);
	}
}

static int run_build_start_worker(struct run *r, const struct step *s, const struct conf *conf,
				  struct run_step *ret, struct proc_worker *worker)
{
	struct kconfig config = { 0 };
	AUTO_RECORD struct record facts = { .depends = STRV_INIT };
	AUTO_FREE char *headers = engine_headers_dir(r->e, s->release);
	AUTO_STRV struct strv more = STRV_INIT;
	AUTO_FREE char *jobs = run_jobs_option(r);
	bool has_config = kernel_config(r->e, s->release, &config) == 0;
	struct build_work w = {
		.e = r->e,
		.t = run_target(s),
		.conf = conf,
		.opts = {
			.headers = headers,
			.more = &more,
			.config = has_config ? &config : NULL,
			.jobs = jobs,
			.jobserver = r->shared ? &r->jobs : NULL,
			.suffix = kernel_module_suffix(r->e, s->release,
						       has_config ? &config : NULL),
			.facts = &facts,
			.replay = true,
			.anew = s->force,
		},
		.fd = ret->result_fd,
		.ahead = r->p->ahead,
		.quiet = r->n_workers > 1,
	};
	int k;

	run_build_look(r, s, &more);
	run_facts(r, s, &facts);
	sign_for_build(r->e, &r->signers, &w.t, has_config ? &config : NULL, &w.opts, &facts);
	run_build_choose_bundle(r, s, &facts, &w);
	k = proc_worker_start(worker, run_build_work, &w);
	free(w.key);
	err_release(&w.no_bundle);
	if (has_config)
		kconfig_release(&config);
	return k < 0 ? err_sys(&ret->err, k, "The build could not be started") : 0;
}

/* Read what the worker wrote.  A worker that was killed has written nothing, or only a part. */
static int run_build_take_result(const struct target *t, struct run_step *ret)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int k = run_build_read(ret->result_fd, &b);

	close(ret->result_fd);
	ret->result_fd = -1;
	build_result_release(&ret->build);
	if (k == 0 && b.len && build_result_parse(b.s, &ret->build, &ret->err) == 0)
		return ret->err.code;
	return err_set(&ret->err, signals_interrupted() ? -E_INTERRUPTED : -E_GENERAL,
		       "The build of %s/%s for %s was ended from outside.", t->name, t->version,
		       t->release);
}

/*
 * Has another step of this run worked on the same name and kernel?  If so, a new record is no sign
 * of another run.
 */
static bool run_build_is_own_work(const struct run *r, const struct step *s)
{
	for (size_t i = 0; i < r->p->n; i++) {
		const struct step *o = &r->p->steps[i];

		if (o != s && run_did(r->steps[i].state) && step_acts(o->kind) && o->id.name &&
		    o->release && strcmp(o->id.name, s->id.name) == 0 &&
		    strcmp(o->release, s->release) == 0)
			return true;
	}
	return false;
}

/* Has the target's record been written since this run began? */
static bool run_build_is_new(const struct run *r, const struct target *t)
{
	AUTO_FREE char *path = tree_record_path(r->e, t);
	struct stat st;

	return fs_stat(&r->e->root, path, &st) == 0 && !run_began_after(r, &st.st_ctim);
}

/* Has another run made the same build since the survey? */
static bool run_build_was_made_meanwhile(struct run *r, const struct step *s, bool waited)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_RECORD struct record facts = { .depends = STRV_INIT };
	struct target t = run_target(s);

	if (s->force || run_build_is_own_work(r, s) || !(waited || run_build_is_new(r, &t)) ||
	    tree_record_read(r->e, &t, &rec, NULL) < 0)
		return false;
	/*
	 * A build that was made since the survey has all its modules.  If one is missing, another
	 * run has only made a record for an older build (STEP_ADOPT).
	 */
	if (tree_files_state(r->e, &t, &rec, false) == FILES_LOST)
		return false;
	run_facts(r, s, &facts);
	return rec.content && facts.content && strcmp(rec.content, facts.content) == 0 &&
	       strcmp(rec.overrides ? rec.overrides : "", facts.overrides) == 0 &&
	       strv_equal(&rec.depends, &facts.depends) &&
	       !world_headers_differ(rec.headers, facts.headers);
}

/*
 * Say once in a run how builds are confined.  confine_choose() tries what the machine allows; done
 * here, no worker has to try that again.  An error is not told: each build will have it, too.
 */
static void run_tell_tier(struct run *r)
{
	AUTO_CONFINE struct confine c = CONFINE_INIT;

	if (r->tier_told)
		return;
	r->tier_told = true;
	if (confine_choose(r->e, NULL, &c, NULL) < 0)
		return;
	if (c.lowered)
		log_note("Builds are not confined fully here: %s: %s.", confine_tier_name(c.tier),
			 c.why);
	else if (c.tier == CONFINE_NONE)
		log_info("Builds are not confined: %s.", c.why);
	else
		log_info("Builds are confined: %s.", confine_tier_name(c.tier));
}

static int run_build_start_locked(struct run *r, size_t i, const struct conf *conf, bool waited,
				  struct proc_worker *worker)
{
	const struct step *s = &r->p->steps[i];
	struct run_step *ret = &r->steps[i];
	int k;

	if (run_build_was_made_meanwhile(r, s, waited)) {
		ret->state = RUN_UNCHANGED;
		return 0;
	}
	run_tell_tier(r);
	ret->result_fd = memfd_create("build-result", MFD_CLOEXEC);
	if (ret->result_fd < 0)
		return err_sys(&ret->err, -errno, "memfd");
	k = run_build_start_worker(r, s, conf, ret, worker);
	if (k < 0) {
		close(ret->result_fd);
		return k;
	}
	ret->state = RUN_BUSY;
	return 1;
}

int run_build_start(struct run *r, size_t step, bool wait, struct proc_worker *worker)
{
	const struct step *s = &r->p->steps[step];
	struct run_step *ret = &r->steps[step];
	struct target t = run_target(s);
	const struct confs_entry *entry = confs_entry(&r->s->confs, &t);
	bool waited = false;
	int k;

	k = confs_check(r->e, entry, true, &ret->err);
	if (k == 0)
		k = run_lock_target(r, s, wait ? LOCK_WAIT : LOCK_TRY, &ret->lock, &waited,
				    &ret->err);
	if (k < 0)
		return k;
	/*
	 * Send RUN_BEGIN only now that the lock is taken: after -EWOULDBLOCK, this function is
	 * called again for the same step.
	 */
	strv_add_all(&ret->warnings, &entry->values.warnings);
	r->tell(RUN_BEGIN, s, ret, r->data);
	k = run_build_start_locked(r, step, &entry->conf, waited, worker);
	if (k != 1)
		lock_release(&ret->lock);
	return k;
}

/*
 * Say why a build was made here although bundles are to be used; the same reason only once.  If no
 * store could be reached, the other builds of this run do not wait for that, too.
 */
static void run_tell_bundle(struct run *r, const struct target *t, const struct run_step *ret)
{
	const struct build_result *b = &ret->build;

	if (!b->bundle_why)
		return;
	if (b->bundle_unreachable && !r->stores_down)
		r->stores_down = xstrdup(b->bundle_why);
	if (strv_has(&r->bundles_told, b->bundle_why) || r->s->world.only_bundles)
		return;
	strv_add(&r->bundles_told, b->bundle_why);
	log_note("No bundle for %s/%s on %s: %s", t->name, t->version, t->release, b->bundle_why);
}

int run_build_end(struct run *r, size_t step)
{
	const struct step *s = &r->p->steps[step];
	struct run_step *ret = &r->steps[step];
	struct target t = run_target(s);
	int k = run_build_take_result(&t, ret);

	ret->state = k < 0 ? RUN_FAILED : RUN_DONE;
	run_tell_bundle(r, &t, ret);
	/* The error lines of a log that ends in the middle explain nothing. */
	if (k == -E_INTERRUPTED)
		strv_release(&ret->build.lines);
	run_note_outcome(r, s, ret, k);
	run_after_build(r, s, k);
	lock_release(&ret->lock);
	return k;
}

/* ---- number of jobs ---- */

static size_t run_count_builds(const struct run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->p->n; i++)
		n += r->p->steps[i].kind == STEP_BUILD;
	return n;
}

/*
 * The number of workers, which may be higher if some of them only wait for the network.  With
 * parallel_jobs=0 builds must run one after the other.  Then fetches run side by side only with
 * bundles=only, where no fetch is followed by a build.
 */
static size_t run_count_fetches(const struct run *r, size_t builds, unsigned int jobs)
{
	const struct world *w = &r->s->world;
	size_t most = w->only_bundles ? FETCHES : w->bundles && jobs ? FETCHES_BEFORE_BUILDS : 0;

	most = most < builds ? most : builds;
	return most > r->n_workers ? most : r->n_workers;
}

/* With parallel_jobs=0, make has no limit; then builds run one after the other, as in DKMS. */
int run_share_jobs(struct run *r, struct err *err)
{
	const char *s = settings_get(&r->e->settings, SET_PARALLEL_JOBS);
	unsigned int jobs = *s ? (unsigned int)strtoul(s, NULL, 10) : jobs_default();
	size_t builds = run_count_builds(r);
	int k;

	r->n_workers = 1;
	if (builds > 1 && jobs > 1) {
		k = jobs_open(&r->jobs, jobs);
		if (k < 0 && k != -ENOENT)
			return err_sys(err, k, "The jobserver could not be started");
		/* -ENOENT: no /proc, as in a chroot that a package manager fills. */
		r->shared = k == 0;
		r->n_workers = !r->shared ? 1 : jobs < builds ? jobs : builds;
	}
	r->n_workers = run_count_fetches(r, builds, jobs);
	r->workers = xcalloc(r->n_workers, sizeof(*r->workers));
	r->working = xcalloc(r->n_workers, sizeof(*r->working));
	return 0;
}
