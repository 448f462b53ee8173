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
 * Copy the modules and Module.symvers from the build folder `dir` to the staging folder, and check
 * the copies of the modules (artifact.h).  From then on only the copies are used, whatever happens
 * in the build folder.
 */
int publish_harvest(struct engine *e, const struct target *t, const struct conf *conf,
		    const char *dir, const char *utsrelease, struct err *err) MUST_CHECK;
/*
 * Strip, sign and compress the staged modules and write the record.  Then move the staging folder
 * into place and remove the older build, in one transaction.  The transaction does not use the
 * run's journal but one of its own, because it runs in a worker.
 *
 * What the older build's record says of installed files is copied to the new record, so that these
 * files can still be uninstalled.
 */
int publish_build(struct engine *e, const struct target *t, const struct conf *conf,
		  const struct artifact_opts *opts, struct record *record,
		  struct err *err) MUST_CHECK;
/* Remove the staging folder.  The caller does this after any error. */
void publish_drop(const struct engine *e, const struct target *t);
/*
 * For each module in `from`, find the module in `to` that has the same destination name.  Copy to
 * it what `from` says of the installed file, and of the original that the installed file covers or
 * replaced.  If `to` has no such module, but `from` says that the file is installed, add the module
 * to `to` with the mark `left`.  Pure.
 */
void publish_inherit(struct record *to, const struct record *from);
