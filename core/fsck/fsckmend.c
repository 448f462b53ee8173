/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fsck --repair: one function for each kind of finding. */
#include <errno.h>

#include "base/alloc.h"
#include "base/path.h"
#include "build/mok.h"
#include "build/workspace.h"
#include "decide/plan.h"
#include "fsck/fsck.h"
#include "install/adopt.h"
#include "install/change.h"
#include "install/depmod.h"
#include "install/initramfs.h"
#include "install/register.h"
#include "replay/store.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "tree/aside.h"
#include "tree/ledgerfile.h"
#include "tree/staging.h"
#include "tree/tree.h"
#include "tx/recovery.h"

static struct target fsck_target(const struct fsck_finding *f)
{
	return (struct target){ f->name, f->version, f->release, f->arch };
}

static int fsck_mend_journal(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	int r = journal_recover(&e->place, NULL, NULL);

	return r < 0 ? lock_failed(err, r, f->subject) : 0;
}

/*
 * Set the depmod mark of each kernel in whose tree an interrupted run has now been completed or
 * rolled back.  That changes modules, and a rollback deletes the mark that the run had set.
 */
static int fsck_mark_kernels(struct engine *e, const struct strv *releases)
{
	AUTO_FREE char *folder = tree_pending_dir(e);
	const char *release;
	int r = releases->n ? fs_mkdir_p(&e->root, folder) : 0;

	STRV_FOREACH (release, releases) {
		AUTO_FREE char *mark = tree_pending_mark(e, PENDING_DEPMOD, release);
		AUTO_FREE char *tree = engine_modules(e, "%s", release);

		if (r == 0 && fs_is_dir(&e->root, tree))
			r = atomic_write_file(&e->root, mark, "", 0, 0644);
	}
	return r;
}

static int fsck_mend_aside(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	AUTO_STRV struct strv releases = STRV_INIT;
	int r;

	aside_kernels(e, f->path, &releases);
	r = journal_settle(&e->place, f->path, err);
	if (r == -EPERM)
		err_set(err, r,
			"%s. Look at what it says, put right what it is about, and delete %s.",
			err && err->text ? err->text : error_text(r), f->subject);
	if (r < 0)
		return r;
	r = fsck_mark_kernels(e, &releases);
	return r < 0 ? err_sys(err, r, "depmod has to be run by hand") : 0;
}

static int fsck_mend_depmod(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	return depmod_complete(e, f->subject, err);
}

static int fsck_mend_initramfs(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int r;

	strv_add(&names, PLAN_OWED);
	r = initramfs_run(e, f->subject, &names, err);
	return r < 0 ? r : 0;
}

static int fsck_mend_staging(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	workspace_recover(e);
	staging_recover(e);
	depmod_sweep(e);
	return fs_exists(&e->root, f->subject) ? err_sys(err, -EBUSY, "%s", f->subject) : 0;
}

static int fsck_mend_ledger(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	int r = ledger_settle(e, f->ledger, err);

	return r < 0 ? r : 0;
}

static int fsck_mend_compiled(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	int r = store_drop(e, f->subject);

	return r < 0 ? err_sys(err, r, "%s", f->subject) : 0;
}

static int fsck_mend_link(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = fsck_target(f);
	AUTO_FREE char *link = tree_active_link(e, &t);
	CLEANUP(tx_release) struct tx tx;

	tx_begin(&tx, &e->journal, "remove a dangling link");
	tx_del(&tx, link);
	return tx_run(&tx, err);
}

static int fsck_mend_prebuilt(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = fsck_target(f);

	return unbuild_run(e, &t, err);
}

static int fsck_mend_not_linked(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = fsck_target(f);
	AUTO_FREE char *link = tree_active_link(e, &t);
	AUTO_FREE char *to = tree_active_text(&t);
	CLEANUP(tx_release) struct tx tx;

	tx_begin(&tx, &e->journal, "set a kernel link");
	tx_put_symlink(&tx, link, to);
	return tx_run(&tx, err);
}

static int fsck_mend_record(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = fsck_target(f);
	struct change c = CHANGE_INIT;
	int r = adopt_run(e, &t, NULL, NULL, &c, err);

	if (r == 0)
		r = change_finish(&c, err);
	change_release(&c);
	return r;
}

static int fsck_finish_change(struct change *c, struct err *err)
{
	int r = change_commit(c, err);

	if (r == 0)
		r = change_finish(c, err);
	change_release(c);
	return r;
}

/* Copy the file from the build, which has the bytes that were installed. */
static int fsck_mend_file(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = fsck_target(f);
	AUTO_FREE char *folder = path_parent(f->path);
	struct change c = CHANGE_INIT;

	change_begin(&c, e, &t, "mend");
	tx_mkdir(&c.tx, folder);
	tx_put_copy(&c.tx, f->path, f->from, 0644);
	change_mark_depmod(&c, e, t.release);
	return fsck_finish_change(&c, err);
}

static int fsck_mend_original(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = fsck_target(f);
	AUTO_FREE char *folder = path_parent(f->path);
	AUTO_FREE char *archive = tree_original_dir(e, &t);
	AUTO_FREE char *stop = tree_module_dir(e, t.name);
	AUTO_FREE char *origin = tree_origin_of(f->from);
	struct change c = CHANGE_INIT;

	t.version = "original";
	change_begin(&c, e, &t, "restore");
	tx_mkdir(&c.tx, folder);
	tx_put_link(&c.tx, f->path, f->from);
	tx_del(&c.tx, f->from);
	tx_del(&c.tx, origin);
	tx_rmdir_up(&c.tx, archive, stop);
	change_mark_depmod(&c, e, t.release);
	return fsck_finish_change(&c, err);
}

typedef int (*mend_fn)(struct engine *e, const struct fsck_finding *f, struct err *err);

static const mend_fn fsck_menders[FSCK_KIND_COUNT_] = {
	[FSCK_JOURNAL] = fsck_mend_journal,	  [FSCK_ASIDE] = fsck_mend_aside,
	[FSCK_DEPMOD] = fsck_mend_depmod,	  [FSCK_INITRAMFS] = fsck_mend_initramfs,
	[FSCK_STAGING] = fsck_mend_staging,	  [FSCK_LEDGER] = fsck_mend_ledger,
	[FSCK_COMPILED] = fsck_mend_compiled,	  [FSCK_LINK] = fsck_mend_link,
	[FSCK_PREBUILT] = fsck_mend_prebuilt,	  [FSCK_RECORD] = fsck_mend_record,
	[FSCK_FILE_MISSING] = fsck_mend_file,	  [FSCK_FILE_TRUNCATED] = fsck_mend_file,
	[FSCK_NOT_LINKED] = fsck_mend_not_linked, [FSCK_ORIGINAL] = fsck_mend_original,
};

static bool fsck_has(const struct fsck *f, const struct fsck_finding *one)
{
	for (size_t i = 0; i < f->n; i++) {
		if (fsck_is_same(&f->v[i], one))
			return true;
	}
	return false;
}

/*
 * Is `f` found when fsck looks again?  Another run may have mended it while this one waited for the
 * lock.
 */
static bool fsck_is_still_found(struct engine *e, const struct fsck_finding *f)
{
	AUTO_FSCK struct fsck now = { NULL, 0 };

	return fsck_look_at(e, f->name, &now, NULL) == 0 && fsck_has(&now, f);
}

static int fsck_mend_locked(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	AUTO_FREE char *path = tree_target_lock(e, f->name, f->release, f->arch);
	struct lock lock = LOCK_INIT;
	int r = lock_take(&lock, &e->root, path, "repairing", LOCK_WAIT, NULL, NULL, NULL);

	if (r < 0)
		return lock_failed(err, r, path);
	r = aside_check(e, f->name, f->release, err);
	if (r == 0 && fsck_is_still_found(e, f))
		r = fsck_menders[f->kind](e, f, err);
	lock_release(&lock);
	return r;
}

static void fsck_mend_finding(struct engine *e, struct fsck_finding *f)
{
	AUTO_ERR struct err err = ERR_INIT;
	int r;

	if (f->advice || f->mended || f->failure || !fsck_menders[f->kind])
		return;
	r = f->name ? fsck_mend_locked(e, f, &err) : fsck_menders[f->kind](e, f, &err);
	if (r == 0)
		f->mended = true;
	else
		f->failure = xstrdup(err.text ? err.text : error_text(err.code));
}

static bool fsck_explains_others(const struct fsck_finding *f)
{
	return f->kind == FSCK_JOURNAL || f->kind == FSCK_ASIDE;
}

static void fsck_move_finding(struct fsck *to, struct fsck_finding *from)
{
	struct fsck_finding one = *from;

	*from = (struct fsck_finding){ .kind = one.kind };
	VEC_PUSH(to->v, to->n, one);
}

/*
 * Completing interrupted runs has changed files, so look again.  Keep the findings about these
 * runs, which say what became of them.
 */
static int fsck_look_again(struct engine *e, struct fsck *f, struct err *err)
{
	AUTO_FSCK struct fsck rest = { NULL, 0 };
	struct fsck all = { NULL, 0 };
	int r = fsck_look(e, &rest, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < f->n; i++) {
		if (fsck_explains_others(&f->v[i]))
			fsck_move_finding(&all, &f->v[i]);
	}
	for (size_t i = 0; i < rest.n; i++) {
		if (!fsck_has(&all, &rest.v[i]))
			fsck_move_finding(&all, &rest.v[i]);
	}
	fsck_release(f);
	*f = all;
	return 0;
}

int fsck_repair(struct engine *e, struct fsck *ret, struct err *err)
{
	int r;

	mok_add_places(e, &e->place.trees);
	r = fsck_look(e, ret, err);
	for (size_t i = 0; r == 0 && i < ret->n && fsck_explains_others(&ret->v[i]); i++)
		fsck_mend_finding(e, &ret->v[i]);
	if (r == 0 && ret->n && fsck_explains_others(&ret->v[0]))
		r = fsck_look_again(e, ret, err);
	for (size_t i = 0; r == 0 && i < ret->n; i++)
		fsck_mend_finding(e, &ret->v[i]);
	if (r == 0 && !e->no_depmod)
		depmod_recover(e);
	return r;
}
