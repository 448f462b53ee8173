/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * failurekey - everything that a failed build depended on, as one text.  An event tries the build
 * again if this text has changed, or if the event's plan installs a dependency of it.  Whether a
 * failure is remembered at all is told by build_result.memorable (build/build.h).
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "survey/surveyed.h"

/*
 * "HASH/HEADERS", to be compared by world_failure_same().  NULL: the overrides in /etc/dkms cannot
 * be read.  Caller frees.
 */
char *failurekey_make(struct engine *e, struct survey *s, const struct target *t);
/* Set world_conf.key for each conf with a remembered failure. */
void failurekey_add_all(struct engine *e, struct survey *s);
