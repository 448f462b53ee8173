/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * state - what the files of this folder work on: where journals lie, the journal of a run, a
 * transaction and its operations.
 */
#include <sys/types.h>

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

struct tx {
	struct journal *journal;
	unsigned int id;
	char *what;
	struct tx_op *ops;
	size_t n_ops;
	int state;	/* enum tx_state */
	bool recovered; /* read from a dead run's journal: what is missing has been done */
	bool locked;	/* holds the tree's lock */
	bool applied;	/* tx_commit() came to its end */
};
