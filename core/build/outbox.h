/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * outbox - what POST_BUILD puts beside the build.
 *
 * POST_BUILD runs when the build is published.  In some sources this script copies headers and
 * symbols to <dkms_tree>/M/V/K/A, for the builds that depend on them.  A script that is confined
 * fully finds a fresh folder there.  What it leaves in it is copied to M/V/K/A: regular files, and
 * the folders that hold them.  A name that the build has already is never replaced: the modules,
 * the log and the record are what was built and checked.
 */
#include "confine/confine.h"
#include "engine/target.h"

/* Make the folder, and let the next child see it.  Below the tier full, do nothing. */
int outbox_open(struct confine *c, struct engine *e, const struct target *t) MUST_CHECK;
/*
 * Call it when the child has ended: copy what it left in the folder.  A file that is refused is
 * left out, with a warning.  To copy nothing, call only outbox_remove().
 */
int outbox_take(const struct confine *c, struct engine *e, const struct target *t) MUST_CHECK;
int outbox_remove(struct confine *c, struct engine *e, const struct target *t) MUST_CHECK;
