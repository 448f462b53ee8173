/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * facts - find the kernels, headers and module sources for which the files of one package stand
 * (itempath.h), or the files of all packages in a database.  This is the door to librpm's lists.
 *
 * If memory runs out, the process ends (base/alloc.h), as it does everywhere in librpm.
 */
#include <rpm/rpmfiles.h>
#include <rpm/rpmts.h>

#include "hooks/common/itempath.h"
#include "model/event.h"

struct facts {
	struct itempath *v; /* no two with the same kind, rank and key */
	size_t n;
};

void facts_release(struct facts *f);
/* Add the facts of these files to *ret.  `files` may be NULL: then there are none. */
void facts_read(rpmfiles files, struct facts *ret);
/* Does `f` have this fact?  Ranks must be equal, too: a hint does not say who owns the item. */
bool facts_have(const struct facts *f, const struct itempath *fact);

/*
 * Add every kernel, header tree and source in the database of `ts` as an item that is `present`,
 * and say that all kinds are complete.  The database must be open.  If several packages ship the
 * same item, the first by name owns it.  Returns false if the database or one of its packages
 * cannot be read: then `e` has the items that could be read, and no kind is complete.
 *
 * Packages are found through rpm's index of folders, so this takes a few hundredths of a second and
 * does not read all packages.
 */
bool facts_of_database(rpmts ts, struct event *e);
