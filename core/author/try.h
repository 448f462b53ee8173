/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * try - build a module source for several kernels, and keep nothing.
 *
 * The builds are those of build/build.h, each in a dkms tree of its own in a scratch folder below
 * tmp_location.  So nothing is registered or installed, any user can do it, and the source is only
 * read.  Modules are not signed.  If builds failed, the scratch folder stays, with their logs.  If
 * none failed, or after an interruption, nothing stays.
 */
#include "author/tries.h"
#include "base/error.h"
#include "engine/engine.h"

/*
 * The kernels to try: those that `wanted` names (a word may be a list with commas), in that order.
 * If `wanted` is empty or names "all", all that have headers, the newest first.  -E_NO_HEADERS: no
 * kernel has headers, or one that is named has none.
 */
int try_choose(const struct engine *e, const struct strv *wanted, struct strv *ret,
	       struct err *err) MUST_CHECK;

/* Called when a build has ended, unless we were interrupted. */
typedef void (*try_tell_fn)(const struct tries *t, const struct try_result *r, void *data);
/*
 * Try the source in `folder` (absolute inside the root).  A build that fails is no error.  The
 * caller releases *ret in every case.  -E_TREE_NO_CONF, -E_BAD_CONF, -E_INTERRUPTED, or another
 * error.
 */
int try_run(struct engine *e, const char *folder, const struct strv *releases, try_tell_fn tell,
	    void *data, struct tries *ret, struct err *err) MUST_CHECK;
