/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mutation - seeded faults, for tests/crash only.
 *
 * configure --enable-mutations compiles them in; the environment variable DKMS_MUTATION chooses one
 * by its name.  The crash tests must notice each of them, or else they prove nothing.  Without the
 * switch, which no package uses, nothing of this is in the program.
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
