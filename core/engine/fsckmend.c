/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fsck --repair does, one function a kind of finding. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/adopt.h"
#include "engine/change.h"
#include "engine/depmod.h"
#include "engine/fsck.h"
#include "engine/staging.h"
#include "engine/tree.h"
#include "engine/workspace.h"
#include "sys/fs.h"

static struct target target_of(const struct fsck_finding *f)
{
	return (struct target){ f->name, f->version, f->release, f->arch };
}

static int mend_journal(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	int r = journal_recover(&e->place, NULL, NULL);

	return r < 0 ? err_sys(err, r, "%s", f->subject) : 0;
}

static int mend_depmod(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	return depmod_complete(e, f->subject, err);
}

static int mend_staging(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	workspace_recover(e);
	staging_recover(e);
	return fs_exists(&e->root, f->subject) ? err_sys(err, -EBUSY, "%s", f->subject) : 0;
}

static int mend_ledger(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	CLEANUP(tx_release) struct tx tx;

	tx_begin(&tx, &e->journal, f->path);
	tx_del(&tx, f->path);
	return tx_run(&tx, err);
}

static int mend_link(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = target_of(f);
	AUTO_FREE char *link = tree_active_link(e, &t);
	CLEANUP(tx_release) struct tx tx;

	tx_begin(&tx, &e->journal, "remove a dangling link");
	tx_del(&tx, link);
	return tx_run(&tx, err);
}

static int mend_not_linked(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = target_of(f);
	AUTO_FREE char *link = tree_active_link(e, &t);
	AUTO_FREE char *to = tree_active_text(&t);
	CLEANUP(tx_release) struct tx tx;

	tx_begin(&tx, &e->journal, "set a kernel link");
	tx_put_symlink(&tx, link, to);
	return tx_run(&tx, err);
}

static int mend_record(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = target_of(f);
	struct change c = CHANGE_INIT;
	int r = adopt_run(e, &t, NULL, NULL, &c, err);

	if (r == 0)
		r = change_finish(&c, err);
	change_release(&c);
	return r;
}

/* The file comes from the build, which has the very bytes. */
static int mend_file(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = target_of(f);
	AUTO_FREE char *folder = xstrndup(f->path, (size_t)(strrchr(f->path, '/') - f->path));
	struct change c = CHANGE_INIT;
	int r;

	change_begin(&c, e, &t, "mend");
	tx_mkdir(&c.tx, folder);
	tx_put_copy(&c.tx, f->path, f->from, 0644);
	change_mark_depmod(&c, e, t.release);
	r = change_commit(&c, err);
	if (r == 0)
		r = change_finish(&c, err);
	change_release(&c);
	return r;
}

static int mend_original(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	struct target t = target_of(f);
	AUTO_FREE char *folder = xstrndup(f->path, (size_t)(strrchr(f->path, '/') - f->path));
	AUTO_FREE char *archive = tree_original_dir(e, &t);
	AUTO_FREE char *stop = tree_module_dir(e, t.name);
	AUTO_FREE char *origin = tree_origin_of(f->from);
	struct change c = CHANGE_INIT;
	int r;

	t.version = "original";
	change_begin(&c, e, &t, "restore");
	tx_mkdir(&c.tx, folder);
	tx_put_link(&c.tx, f->path, f->from);
	tx_del(&c.tx, f->from);
	tx_del(&c.tx, origin);
	tx_rmdir_up(&c.tx, archive, stop);
	change_mark_depmod(&c, e, t.release);
	r = change_commit(&c, err);
	if (r == 0)
		r = change_finish(&c, err);
	change_release(&c);
	return r;
}

typedef int (*mend_fn)(struct engine *e, const struct fsck_finding *f, struct err *err);

static const mend_fn menders[FSCK_KIND_COUNT_] = {
	[FSCK_JOURNAL] = mend_journal,
	[FSCK_DEPMOD] = mend_depmod,
	[FSCK_STAGING] = mend_staging,
	[FSCK_LEDGER] = mend_ledger,
	[FSCK_LINK] = mend_link,
	[FSCK_RECORD] = mend_record,
	[FSCK_FILE_MISSING] = mend_file,
	[FSCK_FILE_TRUNCATED] = mend_file,
	[FSCK_NOT_LINKED] = mend_not_linked,
	[FSCK_ORIGINAL] = mend_original,
};

static int mend_locked(struct engine *e, const struct fsck_finding *f, struct err *err)
{
	AUTO_FREE char *path = NULL;
	struct lock lock = LOCK_INIT;
	int r = 0;

	if (f->name) {
		path = tree_target_lock(e, f->name, f->release, f->arch);
		r = lock_take(&lock, &e->root, path, "repairing", LOCK_WAIT, NULL, NULL, NULL);
	}
	if (r < 0)
		return lock_failed(err, r, path);
	r = menders[f->kind](e, f, err);
	lock_release(&lock);
	return r;
}

static void mend_one(struct engine *e, struct fsck_finding *f)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (f->advice || f->mended || !menders[f->kind])
		return;
	if (mend_locked(e, f, &err) == 0)
		f->mended = true;
	else
		f->failure = xstrdup(err.text ? err.text : error_text(err.code));
}

/* What was found before the interrupted run was completed may be so no more. */
static int look_again(struct engine *e, struct fsck *f, struct err *err)
{
	struct fsck_finding journal = f->v[0];
	struct fsck rest = { NULL, 0 };
	int r = fsck_look(e, &rest, err);

	if (r < 0)
		return r;
	f->v[0] = (struct fsck_finding){ .kind = FSCK_JOURNAL };
	fsck_release(f);
	VEC_PUSH(f->v, f->n, journal);
	for (size_t i = 0; i < rest.n; i++)
		VEC_PUSH(f->v, f->n, rest.v[i]);
	free(rest.v);
	return 0;
}

int fsck_repair(struct engine *e, struct fsck *ret, struct err *err)
{
	int r = fsck_look(e, ret, err);

	if (r == 0 && ret->n && ret->v[0].kind == FSCK_JOURNAL) {
		mend_one(e, &ret->v[0]);
		r = ret->v[0].mended ? look_again(e, ret, err) : 0;
	}
	for (size_t i = 0; r == 0 && i < ret->n; i++)
		mend_one(e, &ret->v[i]);
	if (r == 0 && !e->no_depmod)
		depmod_recover(e);
	return r;
}
