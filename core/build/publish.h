/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * publish - put a finished build into <dkms_tree>/M/V/K/A, completely or not at all.
 *
 * The build is staged beside its workspace (tree_workspace_staged()) and moved into place by one
 * transaction.
 */
#include "build/artifact.h"

/*
 * Copy the modules and Module.symvers from the build folder dir to the staging folder, and check
 * the copies of the modules (artifact.h).  Only the copies count from then on, whatever happens in
 * dir.
 */
int publish_harvest(struct engine *e, const struct target *t, const struct conf *conf,
		    const char *dir, const char *utsrelease, struct err *err) MUST_CHECK;
/*
 * Strip, sign and compress the staged modules, write the record, and replace an older build by all
 * of it, in one transaction with a journal of this process.  What the older build's record says of
 * installed files is copied to the new record, so that they can still be uninstalled.
 */
int publish_build(struct engine *e, const struct target *t, const struct conf *conf,
		  const struct artifact_opts *opts, struct record *record,
		  struct err *err) MUST_CHECK;
/* Remove the staging folder; to be called after any error. */
void publish_drop(const struct engine *e, const struct target *t);
/*
 * Copy what from says of installed files and originals to the modules of the same destination name
 * in to.  An installed module that to does not have is added and marked left.  Pure.
 */
void publish_inherit(struct record *to, const struct record *from);
