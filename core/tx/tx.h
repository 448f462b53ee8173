/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tx - change several files as one, with a journal.
 *
 * Installed modules are replaced and deleted here and nowhere else.
 *
 * Each run has its own journal, the folder JOURNAL/<run-id>/.  It holds the file "lock", which the
 * run keeps flocked as long as it lives, and one file per transaction.  The suffix of that file is
 * the transaction's state:
 *
 *	N.open		written and synced before anything is staged.  No target has been
 *			touched: recovery rolls back.
 *	N.commit	renamed from N.open; this is the commit point.  Recovery rolls forward.
 *	N.abort		renamed from N.commit by a rollback.  Recovery rolls back.
 *	N.done		renamed from N.commit by tx_finish() if the transaction deletes anything.
 *			Recovery only cleans up.
 *
 * The state changes by rename(2), which needs no disk space.
 *
 * Calling sequence:
 *
 *	journal_open(&j, place, run_id);
 *	tx_begin(&tx, &j, "install foo/1.0 6.1.0-56-amd64");
 *	tx_put_...(), tx_del(), tx_mkdir()...	declare; nothing happens yet
 *	tx_stage(&tx, err);	write N.open; put the new files beside their targets and sync them;
 *				hard-link the files to be replaced (their backups)
 *	tx_commit(&tx, err);	rename to N.commit; rename the new files to their targets in the
 *				order declared, then rename away what tx_del() named; sync
 *				the folders
 *	tx_finish(&tx, err);	remove the backups and the journal's file
 *	tx_release(&tx);
 *	journal_close(&j);
 *
 * tx_rollback() restores the old state at any time before tx_finish(), also after tx_commit(), e.g.
 * if depmod fails.
 *
 * At any moment a target is its complete old file or its complete new file, because only rename(2)
 * replaces it.  When tx_commit() has returned 0, the change is on the disk.
 *
 * After a crash journal_recover() (tx/recovery.h) takes every journal whose lock nobody holds.
 * It rolls committed transactions forward and the others back.  It only unlinks, renames and
 * removes folders, so it works on a full disk and may itself be killed at any point.  A journal
 * that it cannot complete is set aside.
 *
 * Only one run at a time holds the tree's lock.  A transaction holds it from tx_stage() to the end
 * of tx_commit(), and again during tx_finish() or tx_rollback(), each time for milliseconds only.
 * tx_stage() first recovers what dead runs left, so that nothing builds upon a half-done
 * transaction.  Between tx_commit() and tx_rollback() another run may replace or delete the same
 * target; then tx_rollback() leaves that target alone.
 *
 * Names that a transaction gives to files, in the folder of their target:
 *
 *	.dkms-new.<run>.<tx>.<op>	staged
 *	.dkms-old.<run>.<tx>.<op>	backup
 */
#include "base/error.h"
#include "tx/journal.h"
#include "tx/journalfile.h"
#include "tx/state.h"

/*
 * Declarations.  They change nothing: tx_stage() reads, copies and links the files, as they are at
 * that time.  If a file is declared several times the last declaration counts.  A target's folder
 * must exist or be declared with tx_mkdir().  All strings are copied.
 */
void tx_begin(struct tx *tx, struct journal *j, const char *what);
/* New content for `path`, from memory. */
void tx_put_data(struct tx *tx, const char *path, const void *data, size_t len, mode_t mode);
/*
 * New content for `path`: a copy of the regular file `from` with its times, but with mode `mode`.
 */
void tx_put_copy(struct tx *tx, const char *path, const char *from, mode_t mode);
/*
 * New file at `path`: a hard link to the file `from` or, e.g. across file systems, a copy with the
 * same owner, mode, times and labels.  To move the file, declare tx_del() of `from` after it.
 */
void tx_put_link(struct tx *tx, const char *path, const char *from);
void tx_put_symlink(struct tx *tx, const char *path, const char *target);
/*
 * Move the folder `from` to `path`, on the same file system.  Nothing may be at `path`, unless
 * tx_del_tree() was declared for `path` before.  tx_stage() syncs all that is in the folder and
 * gives the folder its staged name.  A rollback moves the folder back.
 */
void tx_put_tree(struct tx *tx, const char *path, const char *from);
/* Delete a file.  A missing file is no error; for a folder tx_stage() returns -EISDIR. */
void tx_del(struct tx *tx, const char *path);
/*
 * Delete a folder with all in it: tx_commit() renames it away, tx_finish() removes it.  overlayfs
 * cannot rename a folder of a lower layer: there tx_stage() saves it as a tree of hard links, and
 * tx_commit() removes it.  Anything but a folder is treated as by tx_del().
 */
void tx_del_tree(struct tx *tx, const char *path);
/* tx_stage() makes `path` and its parents if they are missing.  A rollback removes new folders. */
void tx_mkdir(struct tx *tx, const char *path);
/*
 * tx_finish() removes `path`, then its parents below the folder `stop`, each only if it is empty.
 */
void tx_rmdir_up(struct tx *tx, const char *path, const char *stop);

/*
 * If tx_stage() or tx_commit() fails, call tx_rollback() or tx_release().  A transaction that
 * changes nothing ends in tx_stage(); then the later calls do nothing and return 0.
 */
int tx_stage(struct tx *tx, struct err *err) MUST_CHECK;
int tx_commit(struct tx *tx, struct err *err) MUST_CHECK;
/* An error does not undo the change.  The next recovery removes the backups that are left. */
int tx_finish(struct tx *tx, struct err *err) MUST_CHECK;
/*
 * If it fails, it may be called again.  If it never succeeds, recovery ends the transaction, by its
 * state in the journal.
 */
int tx_rollback(struct tx *tx, struct err *err) MUST_CHECK;
/* Stage, commit and finish.  If one of the first two fails, roll back. */
int tx_run(struct tx *tx, struct err *err) MUST_CHECK;
/* Free tx.  If it is neither finished nor rolled back, roll it back first. */
void tx_release(struct tx *tx);
