/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * journalfile - the folder of a run's journal, and the files in it.
 */
#include "tx/state.h"

#define JOURNAL_LOCK "lock"
/* Path of a run's lock file, which the run keeps flocked as long as it lives; caller frees. */
char *journal_lock_path(const struct journal_place *p, const char *run_id);
/*
 * Set up *j as the journal of the run `run_id`.  Nothing is made on the disk: the first tx_stage()
 * makes the folder, so a run that changes nothing leaves no folder.  *p must outlive the journal.
 */
void journal_open(struct journal *j, const struct journal_place *p, const char *run_id);
/* Remove the run's folder if no transaction is left in it, and release both locks. */
void journal_close(struct journal *j);

/* Path that the transaction's file has in the state `state`; caller frees. */
char *journal_file(const struct tx *tx, enum tx_state state);
/*
 * Set id and state of *tx from a file's name, e.g. "3.commit".  Returns false if it is no such
 * name.
 */
bool journal_file_parse(const char *name, struct tx *tx);
/* Remove the run's folder if only its lock file is left in it.  The lock must be held. */
int journal_remove_dir(const struct journal *j) MUST_CHECK;
/* Take the tree's lock, without the nesting of journal_lock(). */
int journal_take_tree(struct journal *j) MUST_CHECK;
/* Make and lock the run's folder if needed; write and sync N.open.  tx->state becomes TX_OPEN. */
int journal_write(struct tx *tx) MUST_CHECK;
/* Rename the transaction's file to the name that it has in the state `to`, and sync the folder. */
int journal_rename(struct tx *tx, enum tx_state to) MUST_CHECK;
/*
 * Remove the transaction's file.  Sync the folder only if that was N.abort; the list in tx.c says
 * why.
 */
int journal_unlink(struct tx *tx) MUST_CHECK;
