/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tx - several files that change as one, journalled (the only place where
 * files of the system are replaced or deleted).
 *
 * A journal belongs to a run; it is a folder JOURNAL/<run-id>/ with a "lock"
 * file, flocked as long as the run lives, and one file a transaction:
 *
 *	N.open	    listed and synced before anything is staged; roll back (no target was touched)
 *	N.commit    renamed from N.open: the commit point; roll forward
 *	N.abort	    renamed from N.commit: roll back
 *	N.done	    renamed from N.commit: only removing is left (written if anything is deleted)
 *
 * so that changing state needs no space.  Calling sequence:
 *
 *	journal_open(&j, place, run_id)
 *	tx_begin(&tx, &j, "install foo/1.0 6.1.0-56-amd64")
 *	tx_put_...(), tx_del(), tx_mkdir()...	declare; nothing happens yet
 *	tx_stage(&tx)	journal record; staged files copied beside their targets and
 *			synced; what is replaced gets a hard link (backup)
 *	tx_commit(&tx)	commit point, renames in the order declared, folders synced
 *	tx_finish(&tx)	backups removed, journal file removed
 *	journal_close(&j)
 *
 * Until tx_finish(), tx_rollback() brings everything back as it was, also
 * after tx_commit() (a failing depmod does that).  tx_release() rolls back
 * what is neither finished nor rolled back, and frees.
 *
 * A target always holds its complete old or complete new file: it is only
 * ever replaced by rename(2).  A deletion is the last thing done.  After a
 * crash journal_recover() (tx/recovery.h) looks at every journal *whose lock it gets*, rolls
 * commits forward and the rest back, by unlink, rename and rmdir only, so it
 * works on a full disk and may itself be killed anywhere.  What it cannot do is set aside.
 *
 * Reported success of tx_commit() is durable.
 *
 * One run at a time stages and commits, finishes or rolls back: each of
 * these takes the tree's lock for its milliseconds, and
 * completes first what a dead run left, so that nobody builds upon a half-done
 * transaction.  A rollback leaves alone what another run has put in a target's place meanwhile, and
 * what it has deleted.
 *
 * Names made by us, in the target's own folder:
 *	.dkms-new.<run>.<tx>.<op>	staged		.dkms-old.<run>.<tx>.<op>	backup
 */
#include "base/error.h"
#include "tx/journal.h"
#include "tx/journalfile.h"
#include "tx/state.h"

/*
 * Declaring: everything is looked at, copied and linked as it is when
 * tx_stage() is called.  Of several declarations for one file the last one
 * counts.  Folders must exist or be declared with tx_mkdir().
 */
void tx_begin(struct tx *tx, struct journal *j, const char *what);
/* New content for path, from memory. */
void tx_put_data(struct tx *tx, const char *path, const void *data, size_t len, mode_t mode);
/* New content: a copy of the file from (mode given, mtime kept). */
void tx_put_copy(struct tx *tx, const char *path, const char *from, mode_t mode);
/*
 * The file from itself is to appear at path too, with owner, mode, times and labels: hard link, or
 * across file systems a faithful copy.  tx_del(from) afterwards makes it a move.
 */
void tx_put_link(struct tx *tx, const char *path, const char *from);
void tx_put_symlink(struct tx *tx, const char *path, const char *target);
/*
 * A whole new folder: from, on the same file system, is renamed to path at commit (path must not
 * exist then or be declared deleted by tx_del_tree() before).  from is synced, file by file, by
 * tx_stage().
 */
void tx_put_tree(struct tx *tx, const char *path, const char *from);
/* A missing file is no error. */
void tx_del(struct tx *tx, const char *path);
/*
 * A whole folder: renamed away at commit, removed by tx_finish().  On overlayfs, where a folder of
 * a lower layer cannot be renamed, saved by hard links in tx_stage() and removed at commit.
 */
void tx_del_tree(struct tx *tx, const char *path);
/* Made (with parents) by tx_stage() if missing; removed again by a rollback. */
void tx_mkdir(struct tx *tx, const char *path);
/* Folders to be removed by tx_finish() if they are empty then, this one and up to but without stop.
 */
void tx_rmdir_up(struct tx *tx, const char *path, const char *stop);

/* After an error of tx_stage() or tx_commit(): tx_rollback() or tx_release(). */
int tx_stage(struct tx *tx, struct err *err) MUST_CHECK;
int tx_commit(struct tx *tx, struct err *err) MUST_CHECK;
/* An error means litter that the next journal_recover() removes; what was committed stays. */
int tx_finish(struct tx *tx, struct err *err) MUST_CHECK;
int tx_rollback(struct tx *tx, struct err *err) MUST_CHECK;
/* stage + commit + finish; rolled back when one of the first two fails. */
int tx_run(struct tx *tx, struct err *err) MUST_CHECK;
void tx_release(struct tx *tx);
