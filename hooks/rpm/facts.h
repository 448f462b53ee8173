/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * facts - what the files of one package say (paths.h), read from rpm's own lists; and all that
 * the packages of a database say.
 *
 * Out of memory ends the process (base/alloc.h), as it does everywhere in librpm.
 */
#include <rpm/rpmfiles.h>
#include <rpm/rpmts.h>

#include "model/event.h"
#include "hooks/rpm/paths.h"

struct fact {
	enum path_kind kind; /* not PATH_OTHER */
	char *key;
};
struct facts {
	struct fact *v; /* each once */
	size_t n;
};

void facts_release(struct facts *f);
/* files may be NULL: no facts. */
void facts_read(rpmfiles files, struct facts *ret);
/* For an event; false for PATH_LINK, which is no item of any. */
bool fact_owned_kind(const struct fact *f, enum owned_kind *ret);

/*
 * Every kernel, header tree and source in the database of ts, as items that are "present", and
 * that they are complete.  ts has it open.  Where two packages have the same one, the first by name counts.  False,
 * and e as it was, if the database cannot be read.
 *
 * It looks the folders up in rpm's index, so it costs a few hundredths of a second, not the
 * reading of all packages.
 */
bool facts_of_database(rpmts ts, struct event *e);
