/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/tx.h"

/*
 * Every fsync of one transaction, each followed by what a crash could do without it.
 *
 * tx_stage():
 *	N.open and the journal's folder
 *		Staged files are left that no journal names.
 *	Each staged file; of a tree to be put, all files and folders
 *		The rename gives the target's name to data that is not on the disk.
 *	Each folder with a staged file, a backup or a new folder
 *		N.commit is on the disk, but the staged files and backups are not.
 *
 * tx_commit():
 *	The journal's folder, after the rename to N.commit
 *		Targets are replaced, but recovery finds N.open and removes their backups.
 *	Each target's folder
 *		The change is lost although tx_commit() returned 0.  If tx_finish() has removed the
 *		backup by then, the old file is lost, too.
 *
 * tx_finish():
 *	The journal's folder, after the rename to N.done
 *		Recovery finds N.commit and deletes once more.  If somebody has put a new file at
 *		the place of the deleted one, the new file is lost.
 *	Each folder from which something was removed
 *		The journal's file is gone, but backups are left.
 *
 * tx_rollback():
 *	Each folder in which op_yield() changed something
 *		Recovery takes the other run's file for ours.
 *	The journal's folder, after the rename from N.commit to N.abort
 *		Recovery finds N.commit and rolls forward, although half is undone already.
 *	Each folder in which something was undone
 *		The journal's file is gone, but targets are not restored.
 *	The journal's folder, after N.abort was removed
 *		Recovery finds N.abort, undoes once more, and removes what a later run has put.
 *
 * When a run makes its folder below JOURNAL, the folders above it get an fsync too.  The removal of
 * N.open, N.commit or N.done gets no fsync.  If a crash brings such a file back, recovery carries
 * it out once more, but finds no staged file or backup of that transaction.  At most it removes an
 * empty folder.
 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "sys/mutation.h"
#include "tx/op.h"
#include "tx/place.h"
#include "tx/settle.h"

/* ---- declare ---- */

void tx_begin(struct tx *tx, struct journal *j, const char *what)
{
	*tx = (struct tx){ .journal = j, .id = j->next++, .what = xstrdup(what), .state = TX_NEW };
}

/* Drop doubled and final slashes; caller frees. */
static char *tx_tidy_path(const char *path)
{
	char *s = xmalloc(strlen(path) + 1);
	size_t n = 0;

	for (; *path; path++) {
		if (*path != '/' || (path[1] && path[1] != '/'))
			s[n++] = *path;
	}
	s[n] = '\0';
	return s;
}

static struct tx_op *tx_add_op(struct tx *tx, enum op_kind kind, const char *path)
{
	struct tx_op op = { .kind = kind,
			    .number = (unsigned int)tx->n_ops,
			    .path = tx_tidy_path(path) };

	VEC_PUSH(tx->ops, tx->n_ops, op);
	return &tx->ops[tx->n_ops - 1];
}

/* An operation on a single file; it replaces an earlier one on the same file. */
static struct tx_op *tx_add_file_op(struct tx *tx, enum op_kind kind, const char *path)
{
	struct tx_op *op = tx_add_op(tx, kind, path);

	for (size_t i = 0; i + 1 < tx->n_ops; i++) {
		struct tx_op *earlier = &tx->ops[i];

		if ((earlier->kind == OP_PUT || earlier->kind == OP_DEL) &&
		    strcmp(earlier->path, op->path) == 0)
			earlier->kind = OP_NONE;
	}
	return op;
}

static struct tx_op *tx_add_put(struct tx *tx, enum put_source source, const char *path,
				const char *from)
{
	struct tx_op *op = tx_add_file_op(tx, OP_PUT, path);

	op->source = source;
	op->from = xstrdup(from);
	return op;
}

void tx_put_data(struct tx *tx, const char *path, const void *data, size_t len, mode_t mode)
{
	struct tx_op *op = tx_add_put(tx, PUT_DATA, path, NULL);

	op->data = xmalloc(len);
	if (len)
		memcpy(op->data, data, len);
	op->len = len;
	op->mode = mode;
}

void tx_put_copy(struct tx *tx, const char *path, const char *from, mode_t mode)
{
	tx_add_put(tx, PUT_COPY, path, from)->mode = mode;
}

void tx_put_link(struct tx *tx, const char *path, const char *from)
{
	tx_add_put(tx, PUT_LINK, path, from);
}

void tx_put_symlink(struct tx *tx, const char *path, const char *target)
{
	tx_add_put(tx, PUT_SYMLINK, path, target);
}

void tx_put_tree(struct tx *tx, const char *path, const char *from)
{
	tx_add_op(tx, OP_PUT_TREE, path)->from = tx_tidy_path(from);
}

void tx_del(struct tx *tx, const char *path)
{
	tx_add_file_op(tx, OP_DEL, path);
}

void tx_del_tree(struct tx *tx, const char *path)
{
	tx_add_op(tx, OP_DEL_TREE, path);
}

void tx_mkdir(struct tx *tx, const char *path)
{
	AUTO_FREE char *all = tx_tidy_path(path);

	for (char *p = all; *p;) {
		AUTO_FREE char *prefix = NULL;

		p++;
		p += strcspn(p, "/");
		prefix = xstrndup(all, (size_t)(p - all));
		if (!op_find(tx, OP_MKDIR, prefix))
			tx_add_op(tx, OP_MKDIR, prefix);
	}
}

void tx_rmdir_up(struct tx *tx, const char *path, const char *stop)
{
	AUTO_FREE char *dir = tx_tidy_path(path);
	AUTO_FREE char *last = tx_tidy_path(stop);
	size_t len = strlen(last);

	while (strncmp(dir, last, len) == 0 && dir[len] == '/') {
		if (!op_find(tx, OP_RMDIR, dir))
			tx_add_op(tx, OP_RMDIR, dir);
		*strrchr(dir, '/') = '\0';
	}
}

/* ---- forward ---- */

/* Refuse a target that recovery would refuse: a journal that names it could not be completed. */
static int tx_check_place(const struct tx *tx, const struct tx_op *op, struct err *err)
{
	const struct journal_place *p = tx->journal->place;

	if (op->kind == OP_NONE)
		return 0;
	if (!place_has(p, op, op->path))
		return err_set(err, -EPERM, "%s is none of dkms's: it is left alone", op->path);
	if (place_leads_out(p, op, op->path))
		return err_set(err, -EPERM,
			       "A link on the way to %s leads out of the trees of dkms: nothing is "
			       "changed there. Put a folder in its place",
			       op->path);
	return 0;
}

/*
 * Look at all targets.  Returns how many operations have something to do, or a negative code.
 * If `trial` is true, only count, and leave tx as it is.
 */
static int tx_look(struct tx *tx, bool trial, struct err *err)
{
	int left = 0;

	for (size_t i = 0; i < tx->n_ops; i++) {
		struct tx_op op = tx->ops[i];
		int r = op_look(tx, &op);

		if (r < 0)
			return err_sys(err, r, "%s", op.path);
		r = tx_check_place(tx, &op, err);
		if (r < 0)
			return r;
		left += op.kind != OP_NONE;
		if (!trial)
			tx->ops[i] = op;
	}
	return left;
}

static int tx_stage_kinds(struct tx *tx, bool folders, struct strv *dirs, struct err *err)
{
	for (size_t i = 0; i < tx->n_ops; i++) {
		struct tx_op *op = &tx->ops[i];
		int r = (op->kind == OP_MKDIR) == folders ? op_stage(tx, op, dirs) : 0;

		if (r < 0)
			return err_sys(err, r, "cannot prepare %s", op->path);
	}
	return 0;
}

static void tx_unlock(struct tx *tx)
{
	if (tx->locked)
		journal_unlock(tx->journal);
	tx->locked = false;
}

static int tx_lock(struct tx *tx, bool recover, struct err *err)
{
	int r = tx->locked ? 0 : journal_lock(tx->journal, recover);

	if (r < 0)
		return lock_failed(err, r, tx->journal->place->lock);
	tx->locked = true;
	return 0;
}

/*
 * Look at the targets without the tree's lock: a transaction that changes nothing does not take the
 * lock.  If there is something to do, take the lock and look again, because the targets may have
 * changed.  Returns how many operations have something to do (if any, the lock is held), or a
 * negative code.
 */
static int tx_begin_stage(struct tx *tx, struct err *err)
{
	int r = tx_look(tx, true, err);

	if (r > 0)
		r = tx_lock(tx, true, err);
	if (tx->locked)
		r = tx_look(tx, false, err);
	if (r == 0)
		tx->state = TX_ENDED;
	if (r <= 0)
		tx_unlock(tx);
	return r;
}

int tx_stage(struct tx *tx, struct err *err)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	int r = tx_begin_stage(tx, err);

	if (r <= 0)
		return r;
	r = journal_write(tx);
	if (r < 0)
		return err_sys(err, r, "cannot write the journal in %s", tx->journal->dir);
	r = tx_stage_kinds(tx, true, &dirs, err);
	if (r == 0)
		r = tx_stage_kinds(tx, false, &dirs, err);
	if (r < 0)
		return r;
	r = op_sync_dirs(tx->journal->root, &dirs);
	return r < 0 ? err_sys(err, r, "cannot sync a folder") : 0;
}

int tx_commit(struct tx *tx, struct err *err)
{
	int r;

	if (tx->state == TX_ENDED)
		return 0;
	if (tx->state != TX_OPEN)
		return err_sys(err, -EINVAL, "%s", tx->what);
	r = journal_rename(tx, TX_COMMITTED);
	if (r < 0)
		return err_sys(err, r, "cannot write the journal in %s", tx->journal->dir);
	if (mutation("journal-early"))
		r = journal_unlink(tx);
	if (r == 0)
		r = settle_apply(tx, err);
	if (r < 0)
		return r;
	tx->applied = true;
	tx_unlock(tx);
	return 0;
}

int tx_finish(struct tx *tx, struct err *err)
{
	int r;

	if (tx->state == TX_ENDED)
		return 0;
	if (tx->state != TX_COMMITTED && tx->state != TX_DONE)
		return err_sys(err, -EINVAL, "%s", tx->what);
	r = tx_lock(tx, false, err);
	if (r == 0)
		r = settle_finish(tx, err);
	tx_unlock(tx);
	tx->state = TX_ENDED;
	return r;
}

/* ---- back ---- */

int tx_rollback(struct tx *tx, struct err *err)
{
	int r;

	if (tx->state == TX_NEW || tx->state == TX_ENDED) {
		tx->state = TX_ENDED;
		tx_unlock(tx);
		return 0;
	}
	if (tx->state == TX_DONE)
		return err_sys(err, -EINVAL, "%s", tx->what);
	r = tx_lock(tx, false, err);
	if (r == 0)
		r = settle_back(tx, err);
	tx_unlock(tx);
	return r;
}

int tx_run(struct tx *tx, struct err *err)
{
	AUTO_ERR struct err again = ERR_INIT;
	int r = tx_stage(tx, err);

	if (r == 0)
		r = tx_commit(tx, err);
	if (r == 0)
		return tx_finish(tx, err);
	if (tx_rollback(tx, &again) < 0 && err)
		err_prefix(err, "%s; then", again.text);
	return r;
}

void tx_release(struct tx *tx)
{
	/* If the rollback fails, the journal's file stays, and recovery ends the transaction. */
	if (tx->what && tx_rollback(tx, NULL) < 0) {
		tx->state = TX_ENDED;
		tx->journal->left++;
	}
	op_release_all(tx);
}
