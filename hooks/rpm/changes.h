/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * changes - what a transaction does to kernels, headers and module sources.
 *
 * The order of calls is librpm's: when it begins, the file lists of everything that comes
 * and goes can be read; at the end they are gone, but by then it is known which elements succeeded.
 *
 *	changes_begin()		tsm_pre
 *	changes_done()		psm_post, for each element, several times in older librpm
 *	changes_any()		tsm_post: is there anything to tell?
 *	changes_event()		... then this is the event
 */
#include <rpm/rpmte.h>
#include <rpm/rpmts.h>

#include "hooks/rpm/facts.h"

struct changes {
	struct element {
		rpmte te; /* only compared, never used: it is librpm's */
		bool added, done;
		char *package, *version;
		struct facts facts;
	} * v; /* only those that have facts */
	size_t n;
};

void changes_release(struct changes *c);
/* Forgets what was: dnf runs a transaction twice, the first time as a test. */
void changes_begin(struct changes *c, rpmts ts);
/* Is it one of ours?  Then it has succeeded. */
void changes_done(struct changes *c, rpmte te);
bool changes_any(const struct changes *c);
/*
 * The event: all that is in the database now, with what this transaction did to it.  A key that one
 * element brought and another one took away was replaced; one that a package still ships was
 * not removed, one that none ships was not added.  If the database cannot be read, the changes
 * alone, and nothing is complete.
 */
void changes_event(const struct changes *c, rpmts ts, struct event *ret);
