/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * aside - interrupted runs whose journals could not be completed and were set aside
 * (tx/recovery.h), and the targets that they block.
 *
 * Such a run has left its targets half done, so these must not be changed.  Before changing a
 * target, call aside_check() with the target's lock held; before changing a whole module package,
 * call it with release NULL.
 */
#include "engine/engine.h"

/*
 * Returns 0, or -E_CORRUPT if a journal that was set aside is about a module package of this name
 * on this kernel (release NULL: on any).  If the journal does not say what it is about, any change
 * in <dkms_tree>/NAME counts.  With -E_CORRUPT, `err` names the command that helps.
 */
int aside_check(const struct engine *e, const char *name, const char *release,
		struct err *err) MUST_CHECK;
/*
 * Remove symlinks that are in the place of dkms's own folders in the tree, each with a warning.
 * Through such a link dkms would write into somebody else's folder.  Call this function before
 * anything is locked or written.
 */
void aside_remove_links(const struct engine *e);
/*
 * Append what each transaction of a journal was meant to do, e.g. "install foo/1.0 6.1.0 x86_64".
 * If the journal does not say that, append the names of the module packages whose folders the
 * transactions change.  `run` is the name of a journal that was set aside.  `ret` must be empty.
 */
void aside_describe(const struct engine *e, const char *run, struct strv *ret);
/*
 * Append the release of each kernel in whose tree a journal changes files.  `run` is the name of a
 * journal that was set aside.
 */
void aside_kernels(const struct engine *e, const char *run, struct strv *ret);
