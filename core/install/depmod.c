/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/depmod.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/tool.h"
#include "install/change.h"
#include "model/modid.h"
#include "module/kerneltree.h"
#include "sys/fs.h"
#include "sys/lock.h"
#include "sys/mutation.h"
#include "sys/proc.h"
#include "sys/signals.h"
#include "tree/pending.h"

#define MODULES_DEP_MAX (64U << 20)

enum { AWAIT_MSEC = 20, AGAIN_MAX = 10 };

bool depmod_is_pending(const struct engine *e, const char *release)
{
	AUTO_FREE char *mark = tree_pending_mark(e, PENDING_DEPMOD, release);

	return fs_exists(&e->root, mark);
}

/* The module name in a line "kernel/foo.ko.xz: dependencies"; NULL: none.  Caller frees. */
static char *depmod_line_module(const char *line, size_t len)
{
	AUTO_FREE char *file = NULL;
	size_t end, base = 0;

	for (end = 0; end < len && line[end] != ':'; end++)
		if (line[end] == '/')
			base = end + 1;
	if (end == len)
		return NULL;
	file = xstrndup(line + base, end - base);
	return kerneltree_module_name(file);
}

bool depmod_has(const char *modules_dep, const char *path)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	AUTO_FREE char *name = kerneltree_module_name(base);

	while (name && *modules_dep) {
		size_t len = strcspn(modules_dep, "\n");
		AUTO_FREE char *here = depmod_line_module(modules_dep, len);

		if (here && !strcmp(here, name))
			return true;
		modules_dep += len + (modules_dep[len] == '\n');
	}
	return false;
}

static bool depmod_any_exists(const struct engine *e, const struct strv *paths)
{
	const char *path;

	if (paths)
		STRV_FOREACH (path, paths)
			if (fs_exists(&e->root, path))
				return true;
	return false;
}

/*
 * Is it a temporary file of a depmod that was killed?  The name of such a file ends with at least
 * two numbers, e.g. "modules.dep.bin.1234.5678.9".
 */
static bool depmod_is_litter(const char *name)
{
	size_t end = strlen(name), numbers = 0;

	if (strncmp(name, "modules.", 8) != 0)
		return false;
	for (;;) {
		size_t digits = 0;

		while (end > digits && strchr("0123456789", name[end - digits - 1]))
			digits++;
		if (!digits || end == digits || name[end - digits - 1] != '.')
			return numbers >= 2;
		end -= digits + 1;
		numbers++;
	}
}

/*
 * Did depmod write the file?  modules.order, modules.builtin and modules.builtin.modinfo come with
 * the kernel.
 */
static bool depmod_is_output(const char *name)
{
	return !strncmp(name, "modules.", 8) && !depmod_is_litter(name) &&
	       strcmp(name, "modules.order") != 0 && strcmp(name, "modules.builtin") != 0 &&
	       strcmp(name, "modules.builtin.modinfo") != 0;
}

static int depmod_sync(const struct engine *e, const char *path, int flags)
{
	int fd = root_openat(&e->root, path, flags, 0), r = 0;

	if (mutation("depmod-unsynced") && fd >= 0) {
		close(fd);
		return 0;
	}
	if (fd < 0)
		return fd;
	if (fsync(fd) < 0 && errno != EINVAL)
		r = -errno;
	close(fd);
	return r;
}

/* Remove temporary files of killed depmods, and sync the files that depmod has just written. */
static int depmod_tidy(const struct engine *e, const char *tree)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int r = fs_list(&e->root, tree, &names);

	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = xasprintf("%s/%s", tree, name);

		if (r == 0 && depmod_is_litter(name) && fs_is_file(&e->root, path))
			r = fs_unlink(&e->root, path);
		else if (r == 0 && depmod_is_output(name) && fs_is_file(&e->root, path))
			r = depmod_sync(e, path, O_RDONLY);
	}
	return r < 0 ? r : depmod_sync(e, tree, O_RDONLY | O_DIRECTORY);
}

/*
 * Run depmod for the modules in `files`; NULL: for all modules.  *ret_died: did a signal kill
 * depmod?
 */
static int depmod_spawn(const struct engine *e, const char *release, const char *base,
			const struct strv *files, bool *ret_died, struct err *err)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_FREE char *map = xasprintf("/boot/System.map-%s", release), *how = NULL;
	AUTO_BUF struct buf out = BUF_INIT;
	struct proc_result res = { 0 };
	int r;

	strv_split(&spec.argv, files ? "depmod" : "depmod -a", " ");
	if (base) {
		strv_add(&spec.argv, "-b");
		strv_add(&spec.argv, base);
	}
	if (fs_exists(&e->root, map)) {
		strv_add(&spec.argv, "-F");
		strv_add(&spec.argv, map);
	}
	strv_add(&spec.argv, release);
	for (size_t i = 0; files && i < files->n; i++)
		strv_addf(&spec.argv, "%s%s", base ? base : "", files->v[i]);
	tool_prepare(e, SET_TOOL_TIMEOUT, &out, &spec);
	r = proc_run(&spec, &res);
	*ret_died = r == 0 && res.end == PROC_SIGNALED;
	if (r == -ENOENT)
		r = err_set(err, -E_TOOL_MISSING, "the program depmod is missing");
	else if (r < 0)
		err_sys(err, r, "depmod");
	else if (res.end == PROC_INTERRUPTED)
		r = err_set(err, -E_INTERRUPTED, "depmod for %s was interrupted", release);
	else if (res.end != PROC_EXITED || res.status != 0) {
		how = proc_result_text(&spec, &res);
		r = err_set(err, -E_DEPMOD, "depmod for %s failed: %s%s%s", release, how,
			    out.len ? "\n" : "", out.s);
	} else if (out.len) {
		log_info("depmod: %s", out.s);
	}
	return r;
}

/* After depmod has crashed: if there are damaged modules, run it for all others. */
static int depmod_spawn_undamaged(const struct engine *e, const char *release, const char *base,
				  struct err *err)
{
	AUTO_STRV struct strv whole = STRV_INIT;
	bool died;

	return depmod_sort_out(e, release, &whole)
		       ? depmod_spawn(e, release, base, &whole, &died, err)
		       : err->code;
}

static const char *const indexes[] = {
	"modules.dep",	     "modules.dep.bin", "modules.alias",
	"modules.alias.bin", "modules.symbols", "modules.symbols.bin",
};

struct depmod_indexes {
	struct stat of[ARRAY_SIZE(indexes)]; /* st_ino 0: not there */
};

static void depmod_stat_indexes(const struct engine *e, const char *tree,
				struct depmod_indexes *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", tree, indexes[i]);

		if (fs_stat(&e->root, path, &ret->of[i]) < 0)
			ret->of[i] = (struct stat){ .st_ino = 0 };
	}
}

/*
 * Fail if an index is the same file as before depmod ran: depmod exits with 0 even if it could not
 * replace an index.
 */
static int depmod_check_written(const struct engine *e, const char *tree,
				const struct depmod_indexes *before, struct err *err)
{
	struct depmod_indexes now;

	depmod_stat_indexes(e, tree, &now);
	for (size_t i = 0; i < ARRAY_SIZE(indexes); i++) {
		if (change_same_file(&before->of[i], &now.of[i]))
			return err_set(err, -E_DEPMOD, "depmod did not renew %s/%s", tree,
				       indexes[i]);
	}
	return 0;
}

/* What one call of depmod_run() or depmod_complete() works with. */
struct depmod_job {
	struct engine *e;
	const char *release;
	char *tree, *mark;
	const struct strv *paths; /* files that the loader must find; NULL: do not check */
	bool recover;		  /* a path that depmod leaves out is no error */
	struct stat seen;	  /* the mark as it was before depmod read the modules */
};

static int depmod_run_once(const struct depmod_job *job, struct err *err)
{
	struct engine *e = job->e;
	AUTO_FREE char *base = NULL;
	AUTO_ERR struct err local = ERR_INIT;
	struct depmod_indexes before;
	bool died = false;
	int r = depmod_make_base(e, job->release, &base), r2;

	if (r < 0)
		return err_sys(err, r, "depmod for %s", e->install_tree);
	depmod_stat_indexes(e, job->tree, &before);
	r = depmod_check_inputs(e, job->release, &local);
	if (r == 0)
		r = depmod_spawn(e, job->release, base, NULL, &died, &local);
	if (died)
		r = depmod_spawn_undamaged(e, job->release, base, &local);
	if (r < 0 && err)
		err_move(err, &local);
	if (r == 0)
		r = depmod_check_written(e, job->tree, &before, err);
	if (base) {
		r2 = fs_remove_tree(&e->root, base);
		if (r2 < 0)
			log_warning("%s stays: %s", base, error_text(r2));
	}
	r2 = depmod_tidy(e, job->tree);
	if (r == 0 && r2 < 0)
		r = err_sys(err, r2, "%s", job->tree);
	return r;
}

/*
 * Append to ret_hidden each of job->paths for which the loader takes another file, or none.  Fail
 * if depmod has left one of them out, unless job->recover.
 */
static int depmod_check_paths(const struct depmod_job *job, struct strv *ret_hidden,
			      struct err *err)
{
	AUTO_FREE char *dep = xasprintf("%s/modules.dep", job->tree);
	AUTO_BUF struct buf b = BUF_INIT;
	const char *path;
	int r = fs_read(&job->e->root, dep, MODULES_DEP_MAX, &b);

	if (r < 0)
		return err_set(err, -E_DEPMOD, "%s: %s", dep, error_text(r));
	STRV_FOREACH (path, job->paths) {
		bool has = depmod_has(b.s, path);

		/* Another run may have removed the file. */
		if (!fs_exists(&job->e->root, path) || (!has && job->recover))
			continue;
		if (!has)
			return err_set(err, -E_DEPMOD, "depmod did not take up %s", path);
		if (!depmod_finds(job->e, job->release, path))
			strv_add(ret_hidden, path);
	}
	return 0;
}

static int depmod_stat_mark(const struct depmod_job *job, struct stat *ret)
{
	/*
	 * Take the tree's lock, so that no commit is going on: a commit renames the mark and the
	 * modules one after the other.
	 */
	int r = journal_lock(&job->e->journal, false);

	if (r < 0)
		return r;
	*ret = change_stat_mark(job->e, job->mark);
	journal_unlock(&job->e->journal);
	return 0;
}

static bool depmod_mark_changed(struct depmod_job *job)
{
	struct stat now;
	bool changed;

	if (depmod_stat_mark(job, &now) < 0)
		return false;
	changed = !change_same_file(&now, &job->seen) && (now.st_ino || job->seen.st_ino);
	job->seen = now;
	return changed;
}

/*
 * Run depmod.  If the loader then does not find all of job->paths, but another run has set a new
 * mark and so has changed modules in the meantime, run depmod again.  Run it at most AGAIN_MAX
 * times.
 */
static int depmod_run_settled(struct depmod_job *job, struct strv *ret_hidden, struct err *err)
{
	for (int n = 1;; n++) {
		AUTO_STRV struct strv hidden = STRV_INIT;
		AUTO_ERR struct err why = ERR_INIT;
		int r = depmod_run_once(job, err);

		if (r < 0 || !job->paths)
			return r;
		r = depmod_check_paths(job, &hidden, &why);
		if ((r < 0 || hidden.n) && n < AGAIN_MAX && depmod_mark_changed(job))
			continue;
		strv_add_all(ret_hidden, &hidden);
		if (r < 0)
			err_move(err, &why);
		return r;
	}
}

/*
 * Write an override for each hidden file, and set the depmod mark again in the same transaction.
 * Another run may have deleted the mark, but if this run is killed now, the next run must see one
 * and run depmod.
 */
static int depmod_commit_overrides(struct depmod_job *job, const struct strv *hidden, struct tx *tx,
				   struct err *err)
{
	AUTO_FREE char *pending = tree_pending_dir(job->e);
	const char *path;
	int r = 0;

	STRV_FOREACH (path, hidden)
		if (r == 0)
			r = depmod_override(job->e, job->release, path, tx, err);
	tx_mkdir(tx, pending);
	tx_put_data(tx, job->mark, job->e->run_id, strlen(job->e->run_id), 0644);
	if (r == 0)
		r = tx_stage(tx, err);
	if (r == 0)
		r = tx_commit(tx, err);
	if (r < 0)
		return r;
	r = depmod_stat_mark(job, &job->seen);
	return r < 0 ? lock_failed(err, r, job->mark) : 0;
}

/* Write an override in /etc/depmod.d for each hidden file, and run depmod again. */
static int depmod_run_overridden(struct depmod_job *job, const struct strv *hidden, struct tx *tx,
				 struct err *err)
{
	AUTO_STRV struct strv still = STRV_INIT;
	int r = depmod_commit_overrides(job, hidden, tx, err);

	if (r == 0)
		r = depmod_run_settled(job, &still, err);
	return r == 0 && still.n ? depmod_hidden(job->e, job->release, still.v[0], err) : r;
}

static int depmod_run_checked(struct depmod_job *job, struct tx *tx, struct err *err)
{
	AUTO_STRV struct strv hidden = STRV_INIT;
	int r = depmod_stat_mark(job, &job->seen);

	if (r < 0)
		return lock_failed(err, r, job->mark);
	r = depmod_run_settled(job, &hidden, err);
	if (r == 0 && hidden.n)
		r = depmod_run_overridden(job, &hidden, tx, err);
	if (r < 0)
		return r;
	r = change_clear_mark(job->e, job->mark, &job->seen);
	return r < 0 ? lock_failed(err, r, job->mark) : 0;
}

/*
 * Run depmod, with overrides if they are needed.  If it fails, take the overrides back, because the
 * caller then takes its modules back.
 */
static int depmod_run_locked(struct depmod_job *job, struct err *err)
{
	CLEANUP(tx_release) struct tx tx;
	AUTO_ERR struct err late = ERR_INIT;
	int r;

	tx_begin(&tx, &job->e->journal, "override in /etc/depmod.d");
	r = depmod_run_checked(job, &tx, err);
	if (!tx.n_ops)
		return r;
	/* If the transaction cannot be settled here, the recovery of the next run does it. */
	if ((r < 0 ? tx_rollback(&tx, &late) : tx_finish(&tx, &late)) < 0)
		log_debug("left to the next run: %s", late.text ? late.text : tx.what);
	return r;
}

static int depmod_run_job(struct depmod_job *job, struct err *err)
{
	AUTO_FREE char *dep = xasprintf("%s/modules.dep", job->tree);
	AUTO_FREE char *lock_path = tree_depmod_lock(job->e, job->release);
	AUTO_FREE char *what = xasprintf("running depmod for %s", job->release);
	struct lock lock = LOCK_INIT;
	int r;

	if (!fs_exists(&job->e->root, dep) && !depmod_any_exists(job->e, job->paths)) {
		r = depmod_stat_mark(job, &job->seen);
		if (r == 0)
			r = change_clear_mark(job->e, job->mark, &job->seen);
		return r < 0 ? lock_failed(err, r, job->mark) : 0;
	}
	r = lock_take(&lock, &job->e->root, lock_path, what, LOCK_END, NULL, NULL, NULL);
	if (r < 0)
		return lock_failed(err, r, lock_path);
	r = depmod_run_locked(job, err);
	lock_release(&lock);
	return r;
}

static int depmod_index_kernel(struct engine *e, const char *release, const struct strv *paths,
			       bool recover, struct err *err)
{
	struct depmod_job job = { .e = e, .release = release, .paths = paths, .recover = recover };
	int r;

	job.tree = engine_modules(e, "%s", release);
	job.mark = tree_pending_mark(e, PENDING_DEPMOD, release);
	r = depmod_run_job(&job, err);
	free(job.tree);
	free(job.mark);
	return r;
}

int depmod_run(struct engine *e, const char *release, const struct strv *paths, struct err *err)
{
	return depmod_index_kernel(e, release, paths, false, err);
}

static int depmod_drop_mark(const struct engine *e, const char *release, struct err *err)
{
	AUTO_FREE char *mark = tree_pending_mark(e, PENDING_DEPMOD, release);
	int r = fs_unlink(&e->root, mark);

	if (r < 0)
		return err_sys(err, r, "%s", mark);
	log_warning("%s is removed: no kernel can have this name", mark);
	return 0;
}

int depmod_complete(struct engine *e, const char *release, struct err *err)
{
	AUTO_STRV struct strv paths = STRV_INIT;

	if (modid_kernel_problem(release))
		return depmod_drop_mark(e, release, err);
	depmod_installed(e, release, &paths);
	return depmod_index_kernel(e, release, &paths, true, err);
}

int depmod_await(const struct engine *e, const char *release,
		 void (*on_wait)(const char *release, void *data), void *data, bool *ret)
{
	AUTO_FREE char *mark = tree_pending_mark(e, PENDING_DEPMOD, release);
	bool waited = false;

	for (;;) {
		AUTO_FREE char *lock = pending_awaited(e, mark);

		if (!lock || lock_holder_is_above(&e->root, lock))
			break;
		if (signals_interrupted())
			return -EINTR;
		if (!waited)
			on_wait(release, data);
		waited = true;
		nanosleep(&(struct timespec){ 0, AWAIT_MSEC * 1000000L }, NULL);
	}
	*ret = waited;
	return 0;
}

/*
 * Say that depmod runs for this kernel.  If the mark has this run's id, the recovery at the start
 * of this run has set it.  Any other mark is of an earlier run, which left depmod undone.
 */
static void depmod_tell_recovery(const struct engine *e, const char *mark, const char *release)
{
	AUTO_BUF struct buf run = BUF_INIT;
	bool own = fs_read(&e->root, mark, 256, &run) == 0 && !strcmp(run.s, e->run_id);

	log_note("Running depmod for %s%s.", release,
		 own ? "" : ", which an earlier run left undone");
}

void depmod_recover(struct engine *e)
{
	AUTO_STRV struct strv releases = STRV_INIT;
	const char *release;

	pending_left(e, PENDING_DEPMOD, &releases);
	STRV_FOREACH (release, &releases) {
		AUTO_FREE char *mark = tree_pending_mark(e, PENDING_DEPMOD, release);
		AUTO_ERR struct err err = ERR_INIT;

		if (!modid_kernel_problem(release))
			depmod_tell_recovery(e, mark, release);
		if (depmod_complete(e, release, &err) < 0)
			log_warning("%s", err.text ? err.text : error_text(err.code));
	}
}
