/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headershint - what to install when a kernel's headers are missing (model/headerspkg.h).
 */
#include "engine/engine.h"

/*
 * "Its headers are in the package linux-headers-K: apt-get install linux-headers-K".  NULL: it is
 * not known how this distribution names the package.  Caller frees.
 */
char *headers_hint(const struct engine *e, const char *release);
