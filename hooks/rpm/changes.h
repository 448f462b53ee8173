/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * changes - what a transaction does to kernels, headers and module sources.
 *
 * Which elements succeeded is known only at the end of a transaction.  librpm has freed the file
 * lists of the elements by then, so the lists are read when the transaction begins.  Call these
 * functions in the hooks of librpm:
 *
 *	changes_begin()		in tsm_pre
 *	changes_done()		in psm_post; older librpm calls psm_post several times for an element
 *	changes_any()		in tsm_post: is an event needed?
 *	changes_event()		in tsm_post: make the event
 */
#include <rpm/rpmte.h>
#include <rpm/rpmts.h>

#include "hooks/rpm/facts.h"

struct changes {
	struct element {
		rpmte te; /* for comparing only: librpm may have freed it */
		bool added, done;
		char *package, *version;
		struct facts facts;
	} * v; /* elements without facts are left out */
	size_t n;
};

/* Free what `c` holds.  Afterwards `c` is empty. */
void changes_release(struct changes *c);
/*
 * Read the file lists of the transaction's elements.  Releases `c` first, because dnf runs a
 * transaction twice, the first time as a test.
 */
void changes_begin(struct changes *c, rpmts ts);
/* The element has succeeded.  Ignored if it has no facts. */
void changes_done(struct changes *c, rpmte te);
/* Has an element with facts succeeded? */
bool changes_any(const struct changes *c);
/*
 * Fill an empty event with the items that are in the database of `ts` now, and with the changes of
 * this transaction.  If one element added an item and another one removed it, the item counts as
 * replaced.  An item counts as removed only if no package ships it now, and as added only if one
 * does.  If the database cannot be read in full, the event has what could be read and the changes,
 * and no kind is complete.
 */
void changes_event(const struct changes *c, rpmts ts, struct event *ret);
