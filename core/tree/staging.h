/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * staging - two temporary folders of a run that imports or unpacks.
 *
 *	<dkms_tree>/.native/staging/RUN/	locked as long as RUN lives
 *	<source_tree>/.dkms-import.RUN/		becomes a source by rename
 *
 * Before anything else, each command that writes removes the folders of dead runs.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "sys/lock.h"

struct staging {
	const struct engine *e; /* NULL: not open */
	char *dir;		/* the folder in the dkms tree, which exists */
	char *source;		/* the folder in <source_tree>; the caller makes it */
	struct lock lock;
};
#define STAGING_INIT      \
	{                 \
		.e = NULL \
	}
#define AUTO_STAGING CLEANUP(staging_close)

/* Append the folders that dead runs left.  Takes no lock. */
void staging_stale(const struct engine *e, struct strv *ret);
/* Remove the folders that dead runs left, with a warning for each that cannot be removed. */
void staging_recover(const struct engine *e);
/* Remove the folders of dead runs; then make and lock this run's folder in the dkms tree. */
int staging_open(const struct engine *e, struct staging *ret, struct err *err) MUST_CHECK;
/* Remove both folders with all that is left in them.  Accepts STAGING_INIT. */
void staging_close(struct staging *s);
