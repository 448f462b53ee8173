/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tx/settle.h"

#include "tx/journalfile.h"
#include "tx/op.h"

static int settle_apply_kinds(struct tx *tx, bool deletions, struct strv *dirs, struct err *err)
{
	for (size_t i = 0; i < tx->n_ops; i++) {
		struct tx_op *op = &tx->ops[i];
		int r = (op->kind == OP_DEL) == deletions ? op_apply(tx, op, dirs) : 0;

		if (r < 0)
			return err_sys(err, r, "cannot replace %s", op->path);
	}
	return 0;
}

int settle_apply(struct tx *tx, struct err *err)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	int r = settle_apply_kinds(tx, false, &dirs, err);

	if (r == 0)
		r = settle_apply_kinds(tx, true, &dirs, err);
	if (r < 0)
		return r;
	r = op_sync_dirs(tx->journal->root, &dirs);
	return r < 0 ? err_sys(err, r, "cannot sync a folder") : 0;
}

static bool settle_deletes(const struct tx *tx)
{
	for (size_t i = 0; i < tx->n_ops; i++) {
		if (tx->ops[i].kind == OP_DEL || tx->ops[i].kind == OP_DEL_TREE)
			return true;
	}
	return false;
}

/* Clean up after all operations.  OP_RMDIR comes last, when no backup is left in the folders. */
static int settle_clean(struct tx *tx, struct strv *dirs, struct err *err)
{
	int first = 0;

	for (size_t i = 0; i < 2 * tx->n_ops; i++) {
		const struct tx_op *op = &tx->ops[i % tx->n_ops];
		bool last = i >= tx->n_ops;
		int r = (op->kind == OP_RMDIR) == last ? op_clean(tx, op, dirs) : 0;

		if (r < 0 && first == 0)
			first = err_sys(err, r, "cannot clean up for %s", op->path);
	}
	return first;
}

int settle_finish(struct tx *tx, struct err *err)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	int r = tx->state == TX_COMMITTED && settle_deletes(tx) ? journal_rename(tx, TX_DONE) : 0;

	if (r < 0)
		return err_sys(err, r, "cannot write the journal in %s", tx->journal->dir);
	/* There is no way back from here; what fails is left to recovery. */
	r = settle_clean(tx, &dirs, err);
	if (r == 0) {
		r = op_sync_dirs(tx->journal->root, &dirs);
		if (r == 0)
			r = journal_unlink(tx);
		if (r < 0)
			err_sys(err, r, "%s", tx->what);
	}
	return r;
}

/* Undo all operations in reverse order, but OP_MKDIR last: then the folders are empty. */
static int settle_undo(struct tx *tx, struct strv *dirs, struct err *err)
{
	int first = 0;

	for (size_t i = 2 * tx->n_ops; i-- > 0;) {
		const struct tx_op *op = &tx->ops[i % tx->n_ops];
		bool last = i < tx->n_ops;
		int r = 0;

		if ((op->kind == OP_MKDIR) == last)
			r = tx->state == TX_OPEN ? op_unstage(tx, op, dirs) : op_undo(tx, op, dirs);
		if (r < 0 && first == 0)
			first = err_sys(err, r, "cannot bring back %s", op->path);
	}
	return first;
}

/*
 * tx_commit() has released the tree's lock, so other runs may have changed targets since.  Keep
 * what they changed.  If tx_commit() failed, it has not released the lock, and there is nothing to
 * keep.  Recovery need not do this, because a run does it before it writes N.abort.
 */
static int settle_yield(struct tx *tx)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	int r = 0;

	for (size_t i = 0; r == 0 && tx->applied && i < tx->n_ops; i++)
		r = op_yield(tx, &tx->ops[i], &dirs);
	return r < 0 ? r : op_sync_dirs(tx->journal->root, &dirs);
}

int settle_back(struct tx *tx, struct err *err)
{
	AUTO_STRV struct strv dirs = STRV_INIT;
	int r = settle_yield(tx);

	if (r < 0)
		return err_sys(err, r, "%s", tx->what);
	if (tx->state == TX_COMMITTED)
		r = journal_rename(tx, TX_ABORTING);
	if (r < 0)
		return err_sys(err, r, "cannot write the journal in %s", tx->journal->dir);
	r = settle_undo(tx, &dirs, err);
	if (r < 0)
		return r;
	r = op_sync_dirs(tx->journal->root, &dirs);
	if (r == 0)
		r = journal_unlink(tx);
	if (r < 0)
		return err_sys(err, r, "%s", tx->what);
	tx->state = TX_ENDED;
	return 0;
}
