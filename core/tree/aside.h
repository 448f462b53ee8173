/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * aside - interrupted runs whose journals could not be completed and were set aside
 * (tx/recovery.h), and the targets that they block.
 *
 * Such a run has left its targets half done, so they must not be changed.  Before changing a
 * target, call aside_check() with the target's lock held.  All other targets can be changed.
 */
#include "engine/engine.h"

/*
 * 0, or -E_CORRUPT if a journal that was set aside names the module package on this kernel
 * (release NULL: on any).  err then says which command helps.
 */
int aside_check(const struct engine *e, const char *name, const char *release,
		struct err *err) MUST_CHECK;
/*
 * Remove symlinks that stand in the place of dkms's own folders in the tree, each with a warning.
 * Through such a link dkms would write into a folder of others.  Call it before anything is locked
 * or written.
 */
void aside_links(const struct engine *e);
/*
 * Append what the journal of run, which was set aside, was to do: "install foo/1.0 6.1.0 x86_64".
 * If the journal has no such text, append the names of the module packages that it changes.
 */
void aside_names(const struct engine *e, const char *run, struct strv *ret);
/* Append the release of each kernel in whose tree the journal of run changes files. */
void aside_kernels(const struct engine *e, const char *run, struct strv *ret);
