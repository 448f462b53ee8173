/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "build/buildprep.h"
#include "build/compiler.h"
#include "build/outbox.h"
#include "build/publish.h"
#include "build/workspace.h"
#include "cause/cause.h"
#include "conf/script.h"
#include "confine/advice.h"
#include "confine/confine.h"
#include "engine/childenv.h"
#include "engine/treepath.h"
#include "model/makecmd.h"
#include "replay/replay.h"
#include "sys/fs.h"
#include "sys/harvest.h"
#include "sys/jobs.h"
#include "sys/signals.h"

#define LOG_READ    (4U << 20)
#define LINES_SHOWN 3

struct build {
	struct engine *e;
	const struct target *t;
	const struct conf *conf;
	const struct build_opts *opts;
	struct build_result *res;
	struct strv env;
	struct compiler compiler;
	struct workspace ws;
	struct makelog log;
	struct confine confine; /* of all its children */
	struct replay replay;
	char *advice; /* after a failure: what its confinement refused; NULL: nothing */
	bool has_ws;
};

static char *build_utsrelease_h(const struct engine *e, const char *headers)
{
	static const char define[] = "#define UTS_RELEASE \"";
	AUTO_FREE char *file = xasprintf("%s/include/generated/utsrelease.h", headers);
	AUTO_BUF struct buf b = BUF_INIT;
	const char *at;

	if (fs_read(&e->root, file, 1 << 16, &b) < 0)
		return NULL;
	at = strstr(b.s, define);
	if (!at)
		return NULL;
	at += sizeof(define) - 1;
	return xstrndup(at, strcspn(at, "\"\n"));
}

/*
 * Prefer utsrelease.h to kernel.release: vermagic is made from utsrelease.h, and Debian's
 * kernel.release has the upstream version.
 */
char *build_utsrelease(const struct engine *e, const char *headers)
{
	AUTO_FREE char *file = xasprintf("%s/include/config/kernel.release", headers);
	AUTO_BUF struct buf b = BUF_INIT;
	char *uts = build_utsrelease_h(e, headers);
	size_t len;

	if (uts || fs_read(&e->root, file, 1 << 12, &b) < 0)
		return uts;
	len = strcspn(b.s, " \r\n");
	return len ? xstrndup(b.s, len) : NULL;
}

static int build_environment(struct build *b, struct err *err)
{
	childenv_build(b->e, b->t, &b->env);
	compiler_detect(b->e, b->opts->headers, b->opts->config, &b->env, &b->compiler);
	compiler_apply(&b->compiler, &b->env);
	return buildprep_environment(b->e, b->t, &b->env, err);
}

/*
 * Give the build folder to the user as whom the build runs.  This fails on a network file system on
 * which no file can change its owner.
 */
static int build_give(const struct build *b, struct err *err)
{
	const char *user = settings_get(&b->e->settings, SET_CONFINE_USER);
	int r = confine_give(&b->confine, b->e, b->ws.dir);

	return r < 0 ? err_set(err, r,
			       "%s cannot be given to the user %s, as whom builds run: %s. To build "
			       "without confinement: echo confine=off "
			       ">>/etc/dkms/framework.conf",
			       b->ws.dir, user, error_text(r))
		     : 0;
}

static int build_prepare(struct build *b, struct err *err)
{
	AUTO_FREE char *log = NULL;
	int r = buildprep_check(b->e, b->t, b->conf, b->opts->headers, &b->env, err);

	if (r == 0)
		r = confine_choose(b->e, b->t->name, &b->confine, err);
	if (r < 0)
		return r;
	b->res->confined = xstrdup(confine_tier_name(b->confine.tier));
	b->res->confined_why = *b->confine.why ? xstrdup(b->confine.why) : NULL;
	b->has_ws = true;
	r = workspace_open(&b->ws, b->e, b->t, err);
	if (r == 0)
		r = buildprep_copy(b->e, b->t, b->ws.dir, err);
	if (r < 0)
		return r;
	log = xasprintf("%s/make.log", b->ws.dir);
	r = fs_unlink(&b->e->root, log);
	if (r < 0)
		return err_sys(err, r, "%s", log);
	r = build_give(b, err);
	if (r < 0)
		return r;
	/* The log is root's: the build can replace it, but not write it. */
	r = makelog_open(&b->log, b->e, log, b->t);
	if (r < 0)
		return err_sys(err, r, "%s", log);
	confine_write(&b->confine, b->e, b->ws.build);
	confine_show(&b->confine, b->e, b->opts->headers);
	if (b->opts->key)
		confine_hide(&b->confine, b->e, b->opts->key);
	confine_log(&b->confine, &b->log);
	if (b->opts->replay)
		replay_open(&b->replay, b->e, b->t, b->opts->headers, b->opts->more, b->ws.build,
			    &b->env, b->opts->anew, &b->confine);
	return buildprep_clean(b->e, b->conf, b->ws.dir, b->ws.build, &b->env, &b->log, err);
}

/* Does the free space say that the machine is at fault, and not the source? */
static bool build_is_out_of_space(const struct build *b)
{
	struct fs_space space;

	return fs_free_space(&b->e->root, b->ws.dir, &space) < 0 || space.bytes < (1U << 20) ||
	       space.inodes == 0;
}

/*
 * If the confinement refused something to the build, note what to allow.  Such a failure does not
 * go away by itself, so it counts as lasting, even if only the network is missing.
 */
static void build_advise(struct build *b, const char *text, size_t len)
{
	struct cause *c = &b->res->cause;

	free(b->advice);
	b->advice = confine_advice(b->e, b->confine.tier, b->t, c, text, len);
	if (b->advice)
		c->lasting = true;
}

/*
 * Take the cause and error lines from the log.  If `may_remember` is true, the failure is
 * memorable, unless its cause may go away by itself or the disk is full.
 */
static void build_read_log(struct build *b, bool may_remember)
{
	AUTO_FREE char *text = NULL;
	size_t len;

	/* If it was a shell or make, the log may say nothing. */
	if (confine_out_of_memory(&b->confine))
		makelog_add(&b->log,
			    "Out of memory: the kernel has killed a process of this build.");
	text = makelog_text(&b->log, LOG_READ);
	len = strlen(text);
	cause_release(&b->res->cause);
	cause_judge(text, len, &b->res->cause);
	cause_lines(text, len, LINES_SHOWN, &b->res->lines);
	build_advise(b, text, len);
	b->res->memorable = may_remember && b->res->cause.lasting && !build_is_out_of_space(b);
}

static int build_make_error(struct build *b, const struct proc_spec *spec,
			    const struct proc_result *res, struct err *err)
{
	AUTO_FREE char *how = proc_result_text(spec, res);
	const struct cause *cause = &b->res->cause;
	bool tool = cause->class == CAUSE_MISSING_TOOL || cause->class == CAUSE_MISSING_COMPILER;

	if (res->end == PROC_INTERRUPTED)
		return err_set(err, -E_INTERRUPTED, "interrupted");
	if (res->end == PROC_TIMED_OUT)
		return err_set(err, -E_TIMEOUT, "the build did not end: %s", how);
	if (tool && cause->about && !strchr(cause->about, ' ') &&
	    !childenv_has_command(b->e, &b->env, cause->about))
		return err_set(err, -E_TOOL_MISSING,
			       "the program %s is missing; the build for %s needs it", cause->about,
			       b->t->release);
	if (cause->class == CAUSE_DISK_FULL)
		return err_set(err, -E_NO_SPACE, "the disk was full during the build in %s",
			       b->ws.build);
	return err_set(err, -E_MAKE, "make failed (%s)%s%s", how, cause->lasting ? "" : "; ",
		       cause->lasting ? "" : cause_text(cause->class));
}

/*
 * Pass the jobserver to make.  A MAKE directive that does not begin with "make" handles jobs
 * itself, and MAKEFLAGS in build_environment is the admin's choice: leave both alone.
 */
static void build_share_jobs(const struct build *b, struct proc_spec *spec)
{
	const struct jobs *j = b->opts->jobserver;

	if (!j || !b->conf->make || strncmp(b->conf->make, "make", 4) != 0 ||
	    childenv_get(&b->env, "MAKEFLAGS"))
		return;
	spec->keep_fd[0] = j->fds[0];
	spec->keep_fd[1] = j->fds[1];
	proc_setenv(spec, "MAKEFLAGS", JOBS_MAKEFLAGS);
}

static int build_patch(struct build *b, struct err *err)
{
	bool may_remember = false;
	int r = buildprep_patch(b->e, b->t, b->conf, b->ws.dir, b->ws.build, &b->env, &b->log,
				&may_remember, err);

	if (r < 0)
		build_read_log(b, may_remember);
	return r;
}

static int build_make(struct build *b, struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_FREE char *command =
		makecmd_make(b->conf->make ? b->conf->make : "", b->opts->jobs, b->t->release);
	struct proc_result res = { 0 };
	int r;

	script_eval_spec(b->e, b->opts->headers, command, &spec);
	strv_add_all(&spec.env, &b->env);
	spec.root = &b->e->root;
	spec.cwd = b->ws.build;
	spec.timeout = settings_number(&b->e->settings, SET_BUILD_TIMEOUT);
	build_share_jobs(b, &spec);
	r = makelog_run(&b->log, "Building module(s)", command, &spec, &res);
	if (r < 0)
		return err_sys(err, r, "bash");
	if (res.end == PROC_EXITED && res.status == 0)
		return 0;
	b->res->status = makelog_exit_code(&res);
	/* A status from 126 on may be the shell's (127: not found): do not remember the failure. */
	build_read_log(b, res.end == PROC_EXITED && res.status < 126);
	return build_make_error(b, &spec, &res, err);
}

static int build_script(struct build *b, enum conf_script which, struct err *err)
{
	AUTO_ERR struct err local = ERR_INIT;
	bool may_remember = false;
	int r = script_run(b->e, b->t, which, b->conf->scripts[which], &b->env, &b->log,
			   &may_remember, &local);

	if (r < 0) {
		b->res->status = local.status;
		build_read_log(b, may_remember && which == SCRIPT_PRE_BUILD);
		if (err)
			err_move(err, &local);
	}
	return r;
}

/*
 * Call it when no more compiler will be called, also if the build failed.  Keep what the compilers
 * did, for later builds.  Add a line to the log that counts their calls.
 */
static void build_end_replay(struct build *b)
{
	AUTO_BUF struct buf line = BUF_INIT;

	replay_end(&b->replay, &b->env);
	if (!b->replay.room)
		return;
	replay_close(&b->replay, &b->res->calls);
	buf_adds(&line, "# ");
	calls_print(&b->res->calls, &line);
	makelog_add(&b->log, line.s);
}

/* POST_BUILD runs when the build is published, and may add files to it. */
static int build_post_build(struct build *b, struct err *err)
{
	const char *script = b->conf->scripts[SCRIPT_POST_BUILD];
	int r = script && *script ? outbox_open(&b->confine, b->e, b->t) : 0, gone;

	if (r < 0)
		return err_sys(err, r, "the folder for files of the post_build script");
	r = build_script(b, SCRIPT_POST_BUILD, err);
	if (r == 0) {
		r = outbox_take(&b->confine, b->e, b->t);
		if (r < 0)
			err_sys(err, r, "the files of the post_build script");
	}
	gone = outbox_remove(&b->confine, b->e, b->t);
	if (gone < 0)
		log_warning("files of the post_build script stay: %s", error_text(gone));
	return r;
}

static int build_check(struct build *b, struct err *err)
{
	AUTO_FREE char *uts = build_utsrelease(b->e, b->opts->headers);
	AUTO_ERR struct err local = ERR_INIT;
	int r = publish_harvest(b->e, b->t, b->conf, b->ws.dir, uts ? uts : b->t->release, &local);

	if (r < 0) {
		makelog_add(&b->log, local.text);
		/* make succeeded, so the log has no error lines to show: show the error instead. */
		build_read_log(b,
			       r == -E_NO_MODULE || r == -E_WRONG_MODULE || r == -E_OTHER_KERNEL);
		strv_release(&b->res->lines);
		strv_add(&b->res->lines, local.text);
		if (err)
			err_move(err, &local);
	}
	return r;
}

static int build_stage(struct build *b, struct err *err)
{
	bool clang = b->compiler.cc && !strcmp(b->compiler.cc, "clang");
	struct artifact_opts opts = { .env = &b->env,
				      .strip = clang ? "llvm-strip" : "strip",
				      .suffix = b->opts->suffix,
				      .sign = b->opts->sign,
				      .sign_data = b->opts->sign_data };
	AUTO_RECORD struct record record = { .depends = STRV_INIT };
	AUTO_STRV struct strv passed = STRV_INIT;

	if (b->opts->facts)
		record_copy(&record, b->opts->facts);
	if (!record.compiler)
		record.compiler = compiler_identity(b->e, &b->compiler, &b->env);
	childenv_passed(b->e, b->t, &passed);
	free(record.environment);
	record.environment = strv_join(&passed, "\n");
	free(record.post_remove);
	record.post_remove = xstrdup(b->conf->scripts[SCRIPT_POST_REMOVE]);
	record.remake_initrd = b->conf->remake_initrd;
	free(record.confined);
	free(record.confined_why);
	record.confined = xstrdup(b->res->confined);
	record.confined_why = xstrdup(b->res->confined_why);
	record.calls = b->res->calls;
	return publish_build(b->e, b->t, b->conf, &opts, &record, err);
}

static int build_steps(struct build *b, struct err *err)
{
	static const enum build_phase last = BUILD_POST_BUILD;
	int r = 0;

	for (enum build_phase p = BUILD_PREPARE; r == 0 && p <= last; p++) {
		b->res->phase = p;
		/* Once the build is published, it is too late to stop it. */
		if (p < BUILD_POST_BUILD && signals_interrupted())
			return err_set(err, -E_INTERRUPTED, "interrupted");
		switch (p) {
		case BUILD_PREPARE: r = build_prepare(b, err); break;
		case BUILD_PATCH: r = build_patch(b, err); break;
		case BUILD_PRE_BUILD:
			replay_begin(&b->replay, &b->env);
			r = build_script(b, SCRIPT_PRE_BUILD, err);
			break;
		case BUILD_MAKE: r = build_make(b, err); break;
		case BUILD_CHECK:
			build_end_replay(b);
			r = build_check(b, err);
			break;
		case BUILD_STAGE: r = build_stage(b, err); break;
		case BUILD_POST_BUILD:
			b->res->built = true;
			r = build_post_build(b, err);
			break;
		case BUILD_DONE: break;
		}
	}
	return r;
}

/*
 * Store the log of a good build with the build, and the log of a failed build in .native/log.
 * Remove the log of an earlier failure.  What is stored is what was printed: the build may have put
 * another file in the place of its log.
 */
static int build_save_log(struct build *b, bool good)
{
	const struct target *t = b->t;
	AUTO_FREE char *kept = tree_kept_log(b->e, t);
	AUTO_FREE char *log_dir = tree_log_dir(b->e, t);
	AUTO_FREE char *built = xasprintf("%s/make.log", log_dir);
	AUTO_FREE char *folder = path_parent(kept);
	int r;

	if (b->log.fd < 0)
		return 0;
	r = fs_unlink(&b->e->root, kept);
	if (good) {
		int r2 = fs_unlink(&b->e->root, built);

		r = r < 0 ? r : r2;
		return r < 0 ? r : harvest_open_file(&b->e->root, b->log.fd, built, MAKELOG_MAX);
	}
	if (r == 0)
		r = fs_mkdir_p(&b->e->root, folder);
	if (r == 0)
		r = harvest_open_file(&b->e->root, b->log.fd, kept, MAKELOG_MAX);
	if (r == 0)
		b->res->log = TAKE(kept);
	return r;
}

/* Before the folder of a failed build is kept: put the log back if the build has replaced it. */
static int build_restore_log(struct build *b)
{
	struct stat named, opened;
	int r;

	if (fs_lstat(&b->e->root, b->log.path, &named) == 0 && fstat(b->log.fd, &opened) == 0 &&
	    named.st_dev == opened.st_dev && named.st_ino == opened.st_ino)
		return 0;
	r = fs_remove_tree(&b->e->root, b->log.path);
	return r < 0 ? r : harvest_open_file(&b->e->root, b->log.fd, b->log.path, MAKELOG_MAX);
}

static void build_end(struct build *b, int result)
{
	bool logged = b->log.fd >= 0;
	int r = build_save_log(b, result == 0);

	if (r < 0)
		log_warning("%s: cannot be kept: %s", b->log.path, error_text(r));
	build_end_replay(b);
	if (b->has_ws && result < 0)
		publish_drop(b->e, b->t);
	/*
	 * Keep the build folder only if there is a log.  Without one, the source was not copied
	 * completely, and the disk may be full.
	 */
	if (logged && result < 0) {
		r = confine_take_back(&b->confine, b->e, b->ws.dir);
		if (r == 0)
			r = build_restore_log(b);
		if (r == 0)
			r = workspace_keep(&b->ws);
		if (r < 0)
			log_warning("%s: the failed build cannot be kept: %s", b->ws.build,
				    error_text(r));
	}
	makelog_close(&b->log);
	if (b->has_ws)
		workspace_close(&b->ws);
	compiler_release(&b->compiler);
	confine_release(&b->confine);
	free(b->advice);
	strv_release(&b->env);
}

/* If the log does not show the cause, take it from the error `r` and its text. */
static void build_settle_cause(struct build *b, int r, const char *text)
{
	static const struct {
		int code;
		enum cause_class class;
	} classes[] = {
		{ -E_NO_SPACE, CAUSE_DISK_FULL },	  { -E_TOOL_MISSING, CAUSE_MISSING_TOOL },
		{ -E_PATCH_MISSING, CAUSE_PATCH_FAILED }, { -E_PATCH_FAILED, CAUSE_PATCH_FAILED },
		{ -E_NO_HEADERS, CAUSE_MISSING_HEADERS }, { -E_SCRIPT, CAUSE_SCRIPT_FAILED },
		{ -E_OTHER_KERNEL, CAUSE_UNAME_R },
	};
	struct cause *c = &b->res->cause;

	for (size_t i = 0; c->class == CAUSE_OTHER && i < ARRAY_SIZE(classes); i++)
		if (r == classes[i].code)
			c->class = classes[i].class;
	if (c->class == CAUSE_DISK_FULL || c->class == CAUSE_MISSING_TOOL || r == -E_INTERRUPTED ||
	    r == -E_TIMEOUT)
		c->lasting = false;
	if ((!c->line || !*c->line || *c->line == '#') && text) {
		free(c->line);
		c->line = xstrndup(text, strcspn(text, "\n"));
	}
}

static void build_add_advice(const struct build *b, struct err *err)
{
	int status;

	if (!err || !err->text || !b->advice)
		return;
	status = err->status;
	err_set(err, err->code, "%s\n%s", err->text, b->advice);
	err->status = status;
}

int build_run(struct engine *e, const struct target *t, const struct conf *conf,
	      const struct build_opts *opts, struct build_result *ret, struct err *err)
{
	struct build b = { .e = e,
			   .t = t,
			   .conf = conf,
			   .opts = opts,
			   .res = ret,
			   .env = STRV_INIT,
			   .log = MAKELOG_INIT,
			   .confine = CONFINE_INIT };
	int r;

	*ret = (struct build_result)BUILD_RESULT_INIT;
	if (conf->excluded)
		return err_set(err, -E_EXCLUDED, "%s/%s is not for kernel %s (%s): %s", t->name,
			       t->version, t->release, t->arch, conf->excluded);
	r = build_environment(&b, err);
	if (r == 0)
		r = build_steps(&b, err);
	if (r == 0)
		ret->phase = BUILD_DONE;
	else
		build_settle_cause(&b, r, err ? err->text : NULL);
	if (r < 0)
		build_add_advice(&b, err);
	build_end(&b, r);
	return r;
}
