/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * register - a module package's own parts of the DKMS tree: add, unbuild, forget.
 */
#include "engine/engine.h"
#include "engine/target.h"

/* Remove the build of a target (which is not installed). */
int unbuild_run(struct engine *e, const struct target *t, struct err *err) MUST_CHECK;
/*
 * Source link (to folder, an absolute path), build folder, POST_ADD.  script NULL: none.
 * An existing link that is right is left alone.  A failing POST_ADD leaves the package registered:
 * -E_SCRIPT.
 */
int register_run(struct engine *e, const struct target *t, const char *folder, const char *script,
		 struct err *err) MUST_CHECK;
/* Forget the module package: <dkms_tree>/M/V goes, M too when it is empty. The source stays. */
int unregister_run(struct engine *e, const struct target *t, struct err *err) MUST_CHECK;
