/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * recovery - complete or roll back what dead runs left in their journals.
 *
 * A transaction that was not committed has changed nothing when recovery is done; one that was
 * committed is completed.  So the install of a run that was killed between the commit and depmod
 * stays, and the next run that changes anything calls depmod, because of the mark in
 * tree/pending.h.
 *
 * Journals are read as if an enemy had written them.  A journal that cannot be completed is set
 * aside, and stops only changes to the paths that it names.
 */
#include "base/error.h"
#include "tx/state.h"

/* `text` is one line about one transaction or journal. */
typedef void (*journal_note_fn)(const char *text, void *data);
/*
 * Recover the journals of all dead runs, and those that were set aside and can be completed now.
 *
 * A journal is set aside, in the folder BROKEN, if
 *   - it is damaged;
 *   - somebody else could have written it;
 *   - it names a path outside of the trees; or
 *   - the files that it names cannot be changed, e.g. on a read-only file system.
 * This is no error.  Whoever changes a path must first ask journal_read_aside() whether a journal
 * that was set aside names this path.
 *
 * on_note gets a line for each transaction that was completed or rolled back, for each journal that
 * is set aside, and for each journal that cannot be locked.  If on_note is NULL, there is only a
 * warning for each journal that is set aside.
 *
 * -errno: the tree cannot be locked, or a folder of journals cannot be listed.
 */
int journal_recover(const struct journal_place *p, journal_note_fn on_note, void *data) MUST_CHECK;
/*
 * As journal_recover(), for a caller that holds the tree's lock.  The journal of the run `skip` is
 * left out; skip may be NULL.
 */
int journal_recover_others(struct journal *j, const char *skip, journal_note_fn note,
			   void *data) MUST_CHECK;
/* Is there a journal of a dead run?  Takes no lock; for fsck. */
bool journal_is_stale(const struct journal_place *p);

/* Names of the journals in BROKEN; none if BROKEN does not exist. */
int journal_list_aside(const struct journal_place *p, struct strv *ret) MUST_CHECK;
/*
 * Read a journal in BROKEN, as far as it is legible.  Append the names of its transactions to
 * *ret_whats, and the paths that they change to *ret_paths.
 */
void journal_read_aside(const struct journal_place *p, const char *name, struct strv *ret_whats,
			struct strv *ret_paths);
/* Why the journal `name` in BROKEN cannot be completed; caller frees. */
char *journal_why_aside(const struct journal_place *p, const char *name);
/*
 * Complete or roll back a journal that was set aside, as far as it is legible, and remove it.  If
 * staged files or backups of its run are left after that, move them to LOST/RUN.  After an error
 * the journal stays.  -EPERM: somebody else can write it, or it names a path outside of the trees,
 * so a person must look at it.
 */
int journal_settle(const struct journal_place *p, const char *name, struct err *err) MUST_CHECK;
