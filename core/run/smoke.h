/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * smoke - are the headers of a kernel that is to come any good?
 *
 * They are if an empty module can be built with them, by the same build that others get.  If they
 * are not, a build that fails says nothing about its source, and is not remembered: the kernel's
 * real headers may have the same identity.
 *
 * The caller has opened a staging folder (tree/staging.h), in which this works.
 */
#include "base/error.h"
#include "engine/engine.h"

/*
 * Build the empty module.  Call it in a worker: the engine of this process has another dkms tree
 * afterwards, `scratch` in the staging folder.  -E_BAD_HEADERS: the headers are to blame; the text
 * says more.  Any other error is the machine's.
 */
int smoke_build(struct engine *e, const char *release, const char *scratch,
		struct err *err) MUST_CHECK;
/* The same in a worker of its own.  No other worker may run. */
int smoke_run(struct engine *e, const char *release, struct err *err) MUST_CHECK;
