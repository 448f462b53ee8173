/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * lint - tell the author of a module source what is wrong with it, before anybody builds it.
 *
 * Looks at dkms.conf, at what it names, at Makefiles and at the modes of files.  bash evaluates the
 * conf as it does for a build, for some kernels that are here and for some that are not.  Nothing
 * is compiled or written, and make is not run: what only make can know is not judged.
 */
#include "author/finding.h"
#include "engine/engine.h"

/*
 * Look at the source in `folder` (absolute inside the root).  *ret is set even after an error; the
 * caller releases it.  Returns 0 whatever the findings are; -E_NO_SOURCE if there is no such
 * folder; or an error of confeval_run().
 */
int lint_run(struct engine *e, const char *folder, struct lint_findings *ret,
	     struct err *err) MUST_CHECK;
