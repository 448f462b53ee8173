/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * aside - interrupted runs whose journals could not be completed and were set aside
 * (tx/recovery.h), and the targets that they block.
 *
 * Nothing may be built on what such a run left half done.  Before changing a target, call
 * aside_check() with the target's lock held.  Targets that no such run names are not blocked.
 */
#include "engine/engine.h"

/*
 * 0, or -E_CORRUPT if a journal that was set aside names the module package on this kernel
 * (release NULL: on any); err says what to type then.
 */
int aside_check(const struct engine *e, const char *name, const char *release,
		struct err *err) MUST_CHECK;
/*
 * Remove symlinks that stand in the place of dkms's own folders in the tree, each with a warning:
 * dkms would write into folders of others.  Call it before anything is locked or written.
 */
void aside_links(const struct engine *e);
/*
 * Append what the journal that was set aside as run is about: "install foo/1.0 6.1.0 x86_64" ...,
 * or only names of module packages if it has no such text.
 */
void aside_names(const struct engine *e, const char *run, struct strv *ret);
/* Append the releases of the kernels whose modules that journal changes. */
void aside_kernels(const struct engine *e, const char *run, struct strv *ret);
