/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * failurekey - everything that a failed build depended on, as one text.  An event tries the build
 * again if this text has changed, or if the event's plan installs a dependency of the build.
 * build_result.memorable (build/build.h) says which failures are remembered at all.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "survey/surveyed.h"

/*
 * Returns "HASH/HEADERS", to be compared by world_failure_same(), or NULL if the overrides in
 * /etc/dkms cannot be read.  `cause` is the name of the failure's cause (struct failure.cause), or
 * NULL.  Caller frees.
 */
char *failurekey_make(struct engine *e, struct survey *s, const struct target *t,
		      const char *cause);
/* Set world_conf.key for each conf and kernel for which a failed build is remembered. */
void failurekey_add_all(struct engine *e, struct survey *s);
