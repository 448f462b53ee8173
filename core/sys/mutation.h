/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mutation - seeded faults, for tests/crash only.
 *
 * configure --enable-mutations compiles the faults in; the environment variable DKMS_MUTATION names
 * the one that is active.  The crash tests must notice each fault, or else they prove nothing.
 * Packages are built without this option, so their programs contain no fault.
 */
#ifdef ENABLE_MUTATIONS
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

static inline bool mutation(const char *name)
{
	const char *chosen = getenv("DKMS_MUTATION");

	return chosen && strcmp(chosen, name) == 0;
}
#else
#define mutation(name) false
#endif
