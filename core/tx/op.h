/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * op - one operation of a transaction.
 *
 * op_look(), op_stage() and op_yield() are for the living run.  The others are used by recovery,
 * too: they may be repeated any number of times, and only unlink, rename and remove folders.  The
 * parameter `dirs` collects the folders that the caller must sync.
 */
#include "base/strv.h"
#include "tx/state.h"

/* The first operation of that kind on that path, or NULL. */
const struct tx_op *op_find(const struct tx *tx, enum op_kind kind, const char *path);
/*
 * Look at the target, and set op->had_old and op->by_copy.  If there is nothing to do, op->kind
 * becomes OP_NONE.  If OP_DEL_TREE finds something that is not a folder, op->kind becomes OP_DEL.
 *
 * -EINVAL: the path is not plain (base/path.h); -EISDIR: a folder is where a file should be;
 * -EEXIST: something is where a tree should go.
 */
int op_look(const struct tx *tx, struct tx_op *op) MUST_CHECK;
/*
 * Put a new file or tree beside its target, and make a backup of the file that it will replace.
 * OP_MKDIR makes its folder here.  OP_DEL_TREE makes its backup here, if op->by_copy is set.
 */
int op_stage(const struct tx *tx, struct tx_op *op, struct strv *dirs) MUST_CHECK;
/*
 * Rename the staged file to its target.  A deletion renames the target to the backup's name or,
 * with op->by_copy, removes the target.
 */
int op_apply(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* After all operations have been applied: remove the backup.  OP_RMDIR removes its folder here. */
int op_clean(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* Before the commit point: take back what op_stage() did.  Targets are not touched. */
int op_unstage(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/*
 * After the commit point: restore the target.  For OP_PUT:
 *   - If there was an old file, its backup becomes the target again.  If the backup is gone, the
 *     target stays as it is: it is restored already, or op_yield() has removed the backup.
 *   - If there was no old file, the file that we put is removed.  If the staged file still exists,
 *     it was never put, and the target stays as it is.
 */
int op_undo(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;

/*
 * A living run calls it before op_undo().  Since the commit, another run may have replaced or
 * deleted the file that we put.  Then op_undo() must leave the target alone.  If this run dies
 * during its rollback, recovery calls op_undo(), and knows only what is on the disk.  So op_yield()
 * leaves a sign there:
 *   - If there was an old file, op_yield() removes its backup.  op_undo() finds no backup, and
 *     restores nothing.
 *   - If there was no old file, and another run has put a file, op_yield() links that file to the
 *     name of our staged file.  op_undo() finds this name, concludes that our file was never put,
 *     and removes only the link.
 */
int op_yield(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;

/* fsync each folder.  A folder that is gone is no error. */
int op_sync_dirs(const struct root *r, const struct strv *dirs) MUST_CHECK;

/* Did a transaction of that run give this name to a staged file or a backup? */
bool op_is_made_by(const char *name, const char *run_id);
void op_release(struct tx_op *op);
/* Free all that tx owns.  Unlike tx_release() it rolls nothing back. */
void op_release_all(struct tx *tx);
