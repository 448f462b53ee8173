/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headershint - the one next step when a kernel's headers are missing (model/headerspkg.h).
 */
#include "engine/engine.h"

/*
 * "Its headers are in the package linux-headers-K: apt-get install linux-headers-K"; NULL when this
 * distribution's naming is not known.  Caller frees.
 */
char *headers_hint(const struct engine *e, const char *release);
