/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * recovery - complete or roll back what dead runs left in their journals.
 *
 * Journals are read as if an enemy had written them.  One that cannot be completed is set aside,
 * and stops only changes to what it names.
 */
#include "base/error.h"
#include "tx/state.h"

/* text: one line about one transaction or journal. */
typedef void (*journal_note_fn)(const char *text, void *data);
/*
 * Recover the journals of all dead runs, and those that were set aside and can be completed now.
 *
 * A journal is set aside in BROKEN if it is damaged, if somebody else could have written it, if it
 * names a path outside of the trees, or if its files cannot be changed (a kernel on a read-only
 * file system).  That is told once, through on_note, or as a warning if on_note is NULL, and is no
 * error: whoever changes one of the paths that it names must ask journal_read_aside() first.
 *
 * -errno: the tree cannot be locked, or a folder of journals cannot be listed.
 */
int journal_recover(const struct journal_place *p, journal_note_fn on_note, void *data) MUST_CHECK;
/* The same for a caller that holds the tree's lock; skip: a run to leave out, or NULL. */
int journal_recover_others(struct journal *j, const char *skip, journal_note_fn note,
			   void *data) MUST_CHECK;
/* Is there a journal of a dead run?  Takes no lock; for fsck. */
bool journal_is_stale(const struct journal_place *p);

/* Names of the journals that were set aside; none if there is no such folder. */
int journal_list_aside(const struct journal_place *p, struct strv *ret) MUST_CHECK;
/* As far as it is legible: the names of its transactions, and the paths that they change. */
void journal_read_aside(const struct journal_place *p, const char *name, struct strv *ret_whats,
			struct strv *ret_paths);
/* What is wrong with it; caller frees. */
char *journal_why_aside(const struct journal_place *p, const char *name);
/*
 * Complete or roll back a journal that was set aside, as far as it is legible, and remove it.
 * Staged files and backups of its run that are left then go to LOST/RUN.  On an error the journal
 * stays; -EPERM: a person must look at it.
 */
int journal_settle(const struct journal_place *p, const char *name, struct err *err) MUST_CHECK;
