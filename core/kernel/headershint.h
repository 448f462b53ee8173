/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headershint - what to install when a kernel's headers are missing (model/headerspkg.h).
 */
#include "engine/engine.h"

/*
 * Returns e.g. "Its headers are in the package linux-headers-K: apt install linux-headers-K".
 * NULL: the name of the package is not known for this distribution, or for this release.  Caller
 * frees.
 */
char *headers_hint(const struct engine *e, const char *release);
/* The command alone: "apt install linux-headers-K".  NULL: not known.  Caller frees. */
char *headers_command(const struct engine *e, const char *release);
