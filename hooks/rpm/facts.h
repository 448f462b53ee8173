/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * facts - the kernels, headers and module sources that the files of one package stand for
 * (itempath.h), and those of all packages in a database.  The door to librpm's lists.
 *
 * Out of memory ends the process (base/alloc.h), as it does everywhere in librpm.
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
/* Adds to *ret.  files may be NULL: no facts. */
void facts_read(rpmfiles files, struct facts *ret);
/* Compares kind, rank and key: a hint is not the same as an item that the package owns. */
bool facts_have(const struct facts *f, const struct itempath *fact);

/*
 * Add every kernel, header tree and source in the database of ts, which must be open, as a
 * "present" item, and say that all kinds are complete.  If several packages ship the same item, the
 * first by name owns it.  False if the database or one of its packages cannot be read: e has the
 * items that could be read, and no kind is complete.
 *
 * Packages are found through rpm's index of folders, so this takes a few hundredths of a second and
 * does not read all packages.
 */
bool facts_of_database(rpmts ts, struct event *e);
