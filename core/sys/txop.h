/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * txop - one operation of a transaction, private to tx.c and journal.c.
 *
 * Everything but op_look() and op_stage() is used by the living run and by
 * recovery alike, may be repeated any number of times, and only unlinks,
 * renames and removes folders.  dirs collects the folders to be synced.
 */
#include "base/buf.h"
#include "base/strv.h"
#include "sys/tx.h"

enum tx_state {
	TX_NEW,	      /* nothing on disk */
	TX_OPEN,      /* N.open */
	TX_COMMITTED, /* N.commit */
	TX_ABORTING,  /* N.abort */
	TX_DONE,      /* N.done */
	TX_ENDED,     /* nothing more to do for us */
};

enum op_kind { OP_NONE, OP_PUT, OP_DEL, OP_PUT_TREE, OP_DEL_TREE, OP_MKDIR, OP_RMDIR };

enum put_source { PUT_DATA, PUT_COPY, PUT_LINK, PUT_SYMLINK };

struct tx_op {
	enum op_kind kind;
	enum put_source source;
	unsigned int number; /* in the names of its files */
	char *path;
	char *from; /* file or tree; a symlink's target */
	char *data;
	size_t len;
	mode_t mode;
	bool had_old; /* OP_PUT: there was a file at path */
	dev_t dev;    /* OP_PUT: of the staged file, by which it is known later */
	ino_t ino;
	bool by_copy; /* OP_DEL_TREE: cannot be renamed, the backup is a tree of hard links */
};

/* Look at what is there: sets had_old, by_copy, and OP_NONE where nothing is to be done. */
int op_look(const struct tx *tx, struct tx_op *op) MUST_CHECK;
int op_stage(const struct tx *tx, struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* Make the target what it shall be; a deletion renames it away. */
int op_apply(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* Remove what only a rollback would need. */
int op_clean(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* Before the commit point: remove what was staged; targets are not touched. */
int op_unstage(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;
/* After it: bring the target back. */
int op_undo(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;

/*
 * Before a living run's rollback: where another run has been since, replacing or deleting what was
 * new, that stays so.  The backup goes; where there was nothing before, a link to the other's file
 * gets the staged name: by these op_undo() knows, in recovery too, that the file is not ours.
 */
int op_yield(const struct tx *tx, const struct tx_op *op, struct strv *dirs) MUST_CHECK;

/* fsync of each folder; one that is gone needs none. */
int sync_dirs(const struct root *r, const struct strv *dirs) MUST_CHECK;

/* Is this a name that a transaction of that run gave to something staged, or to a backup? */
bool op_is_made_by(const char *name, const char *run_id);
void op_release(struct tx_op *op);

/* Does the path, by its letters, lie where op may be: place.c. */
bool place_has(const struct journal_place *p, const struct tx_op *op, const char *path);
/* Does a link on the way to it lead out of the trees? */
bool place_leads_out(const struct journal_place *p, const struct tx_op *op, const char *path);
/* The first path of tx that does not, or that a link leads out of the trees; NULL. */
const char *place_refuses(const struct journal_place *p, const struct tx *tx);

/* What such a file says: journaltext.c. */
void journal_print(const struct tx *tx, struct buf *b);
/* Was it written to its end? */
bool journal_is_whole(const struct buf *b);
/* A whole one's text; false: it is damaged, and tx has a part of it. */
bool journal_parse(struct tx *tx, const char *text);
/* All lines that are sound, of whatever there is. */
void journal_salvage(struct tx *tx, const char *text);
/* Decimal as "%u" prints it. */
bool journal_number(const char *s, size_t len, unsigned int *ret);

/* Journal files: journal.c. */
#define JOURNAL_LOCK "lock"
/* Path of tx's file in that state; caller frees. */
char *journal_file(const struct tx *tx, enum tx_state state);
/* "3.commit": into id and state. */
bool journal_file_parse(const char *name, struct tx *tx);
/* Unless something is left in it.  The lock must be held. */
int journal_remove_dir(const struct journal *j) MUST_CHECK;
int journal_take_tree(struct journal *j) MUST_CHECK;
/* Every run but skip (NULL: none): recovery.c.  The tree's lock must be held. */
int journal_recover_others(struct journal *j, const char *skip, journal_note_fn note,
			   void *data) MUST_CHECK;
int journal_write(struct tx *tx) MUST_CHECK;
/* From tx's state to another one; durable. */
int journal_rename(struct tx *tx, enum tx_state to) MUST_CHECK;
int journal_unlink(struct tx *tx) MUST_CHECK;
/* All of tx's op_apply() in their order, synced. */
int tx_apply(struct tx *tx, struct err *err) MUST_CHECK;
