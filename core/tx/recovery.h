/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * recovery - finish what dead runs left in their journals.
 *
 * It is read as if an enemy had written it: what cannot be completed is set aside, and costs only
 * what it names.
 */
#include "base/error.h"
#include "tx/state.h"

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
/* Is there any journal of a dead run (for fsck, status)?  Takes no lock. */
bool journal_is_stale(const struct journal_place *p);
/* What every run but skip (NULL: none) left.  The tree's lock must be held. */
int journal_recover_others(struct journal *j, const char *skip, journal_note_fn note,
			   void *data) MUST_CHECK;
