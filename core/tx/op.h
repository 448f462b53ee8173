/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * op - one operation of a transaction.
 *
 * op_look(), op_stage() and op_yield() are for the living run.  The others are used by recovery
 * too: they may be repeated any number of times, and only unlink, rename and remove folders.  dirs
 * collects the folders that the caller must sync.
 */
#include "base/strv.h"
#include "tx/state.h"

/* The first operation of that kind on that path, or NULL. */
const struct tx_op *op_find(const struct tx *tx, enum op_kind kind, const char *path);
/*
 * Look at the target: sets had_old and by_copy, and kind to OP_NONE where nothing is to be done.
 * -EINVAL: path is not plain (base/path.h); -EISDIR: a folder where a file should be; -EEXIST:
 * there is something where a tree should go.
 */
int op_look(const struct tx *tx, struct tx_op *op) MUST_CHECK;
int op_stage(const struct tx *tx, struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* Rename the staged file to its target.  A deletion renames the target to the backup's name. */
int op_apply(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* After all operations have been applied: remove the backup.  OP_RMDIR removes its folder here. */
int op_clean(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* Before the commit point: remove what was staged.  Targets are not touched. */
int op_unstage(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* After the commit point: restore the target from its backup. */
int op_undo(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;

/*
 * For a living run, before its rollback.  If another run has replaced or deleted the file that we
 * put, op_undo() must leave the target alone.  The disk must show that, because recovery may have
 * to complete the rollback.  So:
 *   - if we have a backup, op_yield() removes it;
 *   - if there was no old file, op_yield() makes a link to the other run's file under our staged
 *     name.  op_undo() finds it, and concludes that our file was never put.
 */
int op_yield(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;

/* fsync each folder.  A folder that is gone is no error. */
int op_sync_dirs(const struct root *r, const struct strv *dirs) MUST_CHECK;

/* Did a transaction of that run give this name to a staged file or a backup? */
bool op_is_made_by(const char *name, const char *run_id);
void op_release(struct tx_op *op);
/* Free all that tx owns.  Unlike tx_release() it rolls nothing back. */
void op_release_all(struct tx *tx);
