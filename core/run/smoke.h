/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * smoke - are the headers of a kernel that is to come any good?
 *
 * The headers are good if an empty module can be built with them, in the same way as any other
 * module.  With bad headers, a build that fails says nothing about its source.  Its failure must
 * not be remembered, because the kernel's real headers may have the same identity.
 *
 * The caller has opened a staging folder (tree/staging.h).  All files are made in that folder.
 */
#include "base/error.h"
#include "engine/engine.h"

/*
 * Build the empty module.  Call it in a worker, because afterwards the engine of this process works
 * in another dkms tree: the folder `scratch` in the staging folder.  -E_BAD_HEADERS: the headers
 * are to blame, and err says more.  After any other error the machine is to blame.
 */
int smoke_build(struct engine *e, const char *release, const char *scratch,
		struct err *err) MUST_CHECK;
/* The same in a worker of its own.  No other worker may run. */
int smoke_run(struct engine *e, const char *release, struct err *err) MUST_CHECK;
