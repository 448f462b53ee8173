/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * facts - what the files of one package say (itempath.h), read from rpm's own lists; and all that
 * the packages of a database say.
 *
 * Out of memory ends the process (base/alloc.h), as it does everywhere in librpm.
 */
#include <rpm/rpmfiles.h>
#include <rpm/rpmts.h>

#include "hooks/common/itempath.h"
#include "model/event.h"

struct facts {
	struct itempath *v; /* each once */
	size_t n;
};

void facts_release(struct facts *f);
/* files may be NULL: no facts. */
void facts_read(rpmfiles files, struct facts *ret);
bool facts_have(const struct facts *f, const struct itempath *fact);

/*
 * Every kernel, header tree and source in the database of ts, as items that are "present", and
 * that they are complete.  ts has it open.  Where two packages have the same one, the first by name
 * counts.  False, and e as it was, if the database cannot be read.
 *
 * It looks the folders up in rpm's index, so it costs a few hundredths of a second, not the
 * reading of all packages.
 */
bool facts_of_database(rpmts ts, struct event *e);
