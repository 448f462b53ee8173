/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* advice - a build failed.  Did its confinement refuse something, and what would allow that? */
#include "cause/cause.h"
#include "confine/confine.h"

/*
 * `line` is one that says why the build failed; `class` is the cause's.  Returns what to tell and
 * to type, one line; caller frees.  NULL: the confinement has nothing to do with it, as far as is
 * known.  Looks at the files that the line names, starts no process and writes nothing.
 */
char *confine_advice(const struct engine *e, enum confine_tier tier, const struct target *t,
		     enum cause_class class, const char *line);
