/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * register - add a module package to the DKMS tree, and remove it or one of its builds.
 */
#include "engine/engine.h"
#include "engine/target.h"

/*
 * Remove the build of a target.  -E_GENERAL: another run has installed the target in the meantime
 * (this is checked under the tree's lock), or the tree cannot be read.
 */
int unbuild_run(struct engine *e, const struct target *t, struct err *err) MUST_CHECK;
/*
 * Make the build folder, and make `source` a symlink to `folder`, an absolute path, unless `source`
 * points there already.  Then run `script`, the conf's POST_ADD; NULL means that there is none.
 * -E_SCRIPT: POST_ADD failed; the package stays registered.
 */
int register_run(struct engine *e, const struct target *t, const char *folder, const char *script,
		 struct err *err) MUST_CHECK;
/*
 * Remove <dkms_tree>/NAME/VERSION with the version's workspaces and kept logs.  If <dkms_tree>/NAME
 * is empty then, remove it, too.  The source stays.  -E_GENERAL: another run has installed the
 * version for some kernel in the meantime, or the tree cannot be read.
 */
int unregister_run(struct engine *e, const struct target *t, struct err *err) MUST_CHECK;
