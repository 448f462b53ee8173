/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * trustlook - look at all that root runs or believes, for fsck.
 */
#include "engine/engine.h"

/*
 * All of it, for fsck: what is not as it should be, with the path that it is about.  advice: the
 * commands that mend it.
 */
typedef void (*trust_fn)(const char *path, const char *text, const char *advice, void *data);
void trust_look(const struct engine *e, trust_fn fn, void *data);
