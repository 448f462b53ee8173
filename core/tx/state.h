/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * state - the data of tx: where journals lie, a run's journal, a transaction, its operations.
 */
#include <sys/types.h>

#include "base/strv.h"
#include "sys/lock.h"
#include "sys/root.h"

/* Where the journals of all runs lie.  Paths are absolute inside the root and owned. */
struct journal_place {
	const struct root *root;
	char *dir;    /* JOURNAL, with a folder per run */
	char *lock;   /* the tree's lock file */
	char *broken; /* BROKEN, with the journals that were set aside */
	char *lost;   /* LOST, with staged files and backups that no journal names */
	/*
	 * What transactions may touch: these files, and these folders with all that is below them.
	 * "/" stands for everything.
	 */
	struct strv trees;
};

struct journal {
	const struct journal_place *place;
	const struct root *root;
	char *dir;	    /* JOURNAL/<run-id> */
	char *run_id;	    /* [0-9A-Za-z-]+ */
	struct lock lock;   /* the run's, taken when its folder is made */
	struct lock tree;   /* the tree's, held while depth > 0 and during a recovery */
	unsigned int depth; /* how many calls of journal_lock() are open */
	unsigned int next;  /* id of the next transaction */
	unsigned int left;  /* how many rollbacks failed and are left to recovery */
};

/* What the disk has in each state; tx/tx.h explains the names of the files. */
enum tx_state {
	TX_NEW,	      /* nothing on disk */
	TX_OPEN,      /* N.open */
	TX_COMMITTED, /* N.commit */
	TX_ABORTING,  /* N.abort */
	TX_DONE,      /* N.done */
	TX_ENDED,     /* finished, rolled back, or left to recovery */
};

enum op_kind { OP_NONE, OP_PUT, OP_DEL, OP_PUT_TREE, OP_DEL_TREE, OP_MKDIR, OP_RMDIR };

enum put_source { PUT_DATA, PUT_COPY, PUT_LINK, PUT_SYMLINK };

struct tx_op {
	enum op_kind kind;
	enum put_source source;
	unsigned int number; /* part of the names of its staged file and backup */
	char *path;
	char *from; /* file or folder; for PUT_SYMLINK the link's target */
	char *data;
	size_t len;
	mode_t mode;
	bool had_old; /* OP_PUT: there was a file at path, so there is a backup */
	dev_t dev;    /* OP_PUT: device and inode of the staged file; op_yield() compares them */
	ino_t ino;
	bool by_copy; /* OP_DEL_TREE: path cannot be renamed; its backup is a tree of hard links */
};

struct tx {
	struct journal *journal;
	unsigned int id;
	char *what; /* for messages and the journal */
	struct tx_op *ops;
	size_t n_ops;
	enum tx_state state;
	bool recovered; /* read from a dead run's journal: a missing staged file was put already */
	bool locked;	/* holds the tree's lock */
	bool applied;	/* tx_commit() was successful; other runs may have changed targets since */
};
