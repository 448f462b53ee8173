/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * aside - interrupted runs whose journals could not be completed and were set aside
 * (tx/recovery.h), and the targets that they block.
 *
 * Such a run has left its targets half done, so they must not be changed.  Before changing a
 * target, call aside_check() with the target's lock held; before changing a whole module package,
 * call it with release NULL.  All other targets can be changed.
 */
#include "engine/engine.h"

/*
 * 0, or -E_CORRUPT if a journal that was set aside names a version of this module package for this
 * release (NULL: for any).  err then says which command helps.
 */
int aside_check(const struct engine *e, const char *name, const char *release,
		struct err *err) MUST_CHECK;
/*
 * Remove symlinks that stand in the place of dkms's own folders in the tree, each with a warning.
 * Through such a link dkms would write into a folder of others.  Call it before anything is locked
 * or written.
 */
void aside_remove_links(const struct engine *e);
/*
 * run: the name of a journal that was set aside.  *ret, an empty list, gets what each of its
 * transactions was meant to do, e.g. "install foo/1.0 6.1.0 x86_64".  If the journal does not say
 * that, *ret gets the names of the module packages whose folders the transactions change.
 */
void aside_describe(const struct engine *e, const char *run, struct strv *ret);
/* Append the release of each kernel in whose tree the journal of run changes files. */
void aside_kernels(const struct engine *e, const char *run, struct strv *ret);
