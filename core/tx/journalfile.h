/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * journalfile - the folder of a run's journal and the files in it.
 */
#include "tx/state.h"

/* The lock of a run, held while it lives; caller frees. */
char *journal_lock_path(const struct journal_place *p, const char *run_id);
/* The folder is made on the first tx_stage(), so a run that changes nothing leaves nothing. */
void journal_open(struct journal *j, const struct journal_place *p, const char *run_id);
void journal_close(struct journal *j);

#define JOURNAL_LOCK "lock"
/* Path of tx's file in that state; caller frees. */
char *journal_file(const struct tx *tx, enum tx_state state);
/* "3.commit": into id and state. */
bool journal_file_parse(const char *name, struct tx *tx);
/* Unless something is left in it.  The lock must be held. */
int journal_remove_dir(const struct journal *j) MUST_CHECK;
int journal_take_tree(struct journal *j) MUST_CHECK;
/* TX_OPEN, durable. */
int journal_write(struct tx *tx) MUST_CHECK;
/* From tx's state to another one; durable. */
int journal_rename(struct tx *tx, enum tx_state to) MUST_CHECK;
int journal_unlink(struct tx *tx) MUST_CHECK;
