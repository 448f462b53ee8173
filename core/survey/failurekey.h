/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * failurekey - all that a failed build depended on, as one text.  Where it has changed, an event
 * tries again.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "survey/surveyed.h"

/* "HASH/HEADERS" (world_failure_same()); NULL where it cannot be made.  Caller frees. */
char *failurekey_make(struct engine *e, struct survey *s, const struct target *t);
/* Set world_conf.key for each failure that is remembered. */
void failurekey_add_all(struct engine *e, struct survey *s);
