/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * staging - room for what is not yet part of the tree.
 *
 *	<dkms_tree>/.native/staging/RUN/	locked as long as RUN lives
 *	<source_tree>/.dkms-import.RUN/		for what is to become a source, by rename
 *
 * What dead runs left of either is removed at the start of each command that writes.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "sys/lock.h"

struct staging {
	const struct engine *e; /* NULL: not open */
	char *dir;		/* exists */
	char *source;		/* does not exist yet */
	struct lock lock;
};
#define STAGING_INIT      \
	{                 \
		.e = NULL \
	}
#define AUTO_STAGING CLEANUP(staging_close)

/* What dead runs left; takes no lock. */
void staging_stale(const struct engine *e, struct strv *ret);
/* Remove it. */
void staging_recover(const struct engine *e);
int staging_open(const struct engine *e, struct staging *ret, struct err *err) MUST_CHECK;
/* Both folders go, with all that is left in them. */
void staging_close(struct staging *s);
