/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * op - one operation of a transaction.
 *
 * Everything but op_look() and op_stage() is used by the living run and by
 * recovery alike, may be repeated any number of times, and only unlinks,
 * renames and removes folders.  dirs collects the folders to be synced.
 */
#include "base/strv.h"
#include "tx/state.h"

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
int op_sync_dirs(const struct root *r, const struct strv *dirs) MUST_CHECK;

/* Is this a name that a transaction of that run gave to something staged, or to a backup? */
bool op_is_made_by(const char *name, const char *run_id);
void op_release(struct tx_op *op);
/* Free what a transaction holds, and nothing else: tx_release() rolls back first. */
void op_release_all(struct tx *tx);
