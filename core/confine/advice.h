/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* advice - a build failed.  Did its confinement refuse something, and what would allow that? */
#include "cause/cause.h"
#include "confine/confine.h"

/*
 * `c` is the cause of a build's failure, and `text` the build's log, of `len` bytes.  Returns what
 * to tell and to type, one line; caller frees.  NULL: the confinement has nothing to do with it, as
 * far as is known.  If the cause is CAUSE_OTHER, each line of the log counts, because a command may
 * have ignored that it was refused something.  Looks at the files that the lines name, starts no
 * process and writes nothing.
 */
char *confine_advice(const struct engine *e, enum confine_tier tier, const struct target *t,
		     const struct cause *c, const char *text, size_t len);
