/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mutation - seeded faults, for tests/crash only.
 *
 * configure --enable-mutations compiles them in, and the variable DKMS_MUTATION chooses one by its
 * name.  A test suite that does not notice each of them proves nothing.  Without the switch,
 * which no package uses, there is no trace of this in the program.
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
