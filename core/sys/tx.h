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
 * crash journal_recover() looks at every journal *whose lock it gets*, rolls
 * commits forward and the rest back, by unlink, rename and rmdir only, so it
 * works on a full disk and may itself be killed anywhere.  What it cannot do is set aside.
 *
 * Reported success of tx_commit() is durable.
 *
 * One run at a time stages and commits, finishes or rolls back: each of
 * these takes the tree's lock for its milliseconds, and
 * completes first what a dead run left, so that nobody builds upon a half-done
 * transaction.  A rollback leaves alone what another run has put in a target's place meanwhile, and
 *what it has deleted.
 *
 * Names made by us, in the target's own folder:
 *	.dkms-new.<run>.<tx>.<op>	staged		.dkms-old.<run>.<tx>.<op>	backup
 */
#include "base/error.h"
#include "base/strv.h"
#include "sys/lock.h"
#include "sys/root.h"

/* Where the journals of all runs lie.  Paths are absolute inside the root and owned. */
struct journal_place {
	const struct root *root;
	char *dir;    /* JOURNAL */
	char *lock;   /* the tree's */
	char *broken; /* what was set aside */
	char *lost;   /* what nobody knows the place of any more */
	/* Files, and folders with what is below: all that transactions may touch.  "/": anything */
	struct strv trees;
};
void journal_place_release(struct journal_place *p);
/* The lock of a run, held while it lives; caller frees. */
char *journal_lock_path(const struct journal_place *p, const char *run_id);

struct journal {
	const struct journal_place *place;
	const struct root *root;
	char *dir;    /* JOURNAL/<run-id> */
	char *run_id; /* [0-9A-Za-z-]+ */
	struct lock lock;
	struct lock tree;   /* held while depth > 0 */
	unsigned int depth; /* of journal_lock() */
	unsigned int next;
	unsigned int left; /* transactions that could be neither carried out nor taken back */
};

/* The folder is made on the first tx_stage(), so a run that changes nothing leaves nothing. */
void journal_open(struct journal *j, const struct journal_place *p, const char *run_id);
void journal_close(struct journal *j);
/*
 * Finish what dead runs left, and what was set aside and can be finished now.  on_note (may be
 * NULL) is told one line for each transaction.  A journal that is damaged, that somebody else could
 * have written, that names what is not below the trees, or whose files cannot be changed (a kernel
 * on a read-only file system) is set aside, which is told once, and ends nothing: whoever works on
 * what it names must ask journal_read_aside().  -errno: the tree cannot be locked or listed.
 */
typedef void (*journal_note_fn)(const char *text, void *data);
int journal_recover(const struct journal_place *p, journal_note_fn on_note, void *data) MUST_CHECK;
/* Names of what was set aside. */
int journal_list_aside(const struct journal_place *p, struct strv *ret) MUST_CHECK;
/* As far as they can be made out: what its transactions were called, and the paths they change. */
void journal_read_aside(const struct journal_place *p, const char *name, struct strv *ret_whats,
			struct strv *ret_paths);
/* What is wrong with it; caller frees. */
char *journal_why_aside(const struct journal_place *p, const char *name);
/*
 * Be done with one: it is finished, as far as it can be made out; staged and saved files that it
 * does not name any more go to LOST/RUN.  An error says why it stays: -EPERM, a person must look at
 * it.
 */
int journal_settle(const struct journal_place *p, const char *name, struct err *err) MUST_CHECK;
/*
 * The tree's lock, for reading something and writing it back by a transaction; nests.  Nothing may
 * wait and no child may run while it is held.  recover: complete what dead runs left, which is for
 * the beginning of something, not for its end.
 */
int journal_lock(struct journal *j, bool recover) MUST_CHECK;
void journal_unlock(struct journal *j);
/* Is there any journal of a dead run (for fsck, status)?  Takes no lock. */
bool journal_is_stale(const struct journal_place *p);

struct tx_op;
struct tx {
	struct journal *journal;
	unsigned int id;
	char *what;
	struct tx_op *ops;
	size_t n_ops;
	int state;	/* enum tx_state, txop.h */
	bool recovered; /* read from a dead run's journal: what is missing has been done */
	bool locked;	/* holds the tree's lock */
	bool applied;	/* tx_commit() came to its end */
};

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
