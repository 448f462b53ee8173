/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * makecmd - how a build uses the directives MAKE and PATCH, and those that name scripts, as in
 * DKMS.  Pure.
 */
#include "base/util.h"

/*
 * The command to run for a MAKE directive.  If the directive begins with the four letters "make",
 * these become "make JOBS KERNELRELEASE=RELEASE".  Any other directive stays as it is, even a
 * quoted 'make'.  `jobs` is e.g. "-j8", "-j" for no limit, or "" if make uses the jobserver
 * (sys/jobs.h).  Caller frees.
 */
char *makecmd_make(const char *make, const char *jobs, const char *release);
/* Returns SCRIPT, the first word of a script directive "SCRIPT ARGUMENTS".  Caller frees. */
char *makecmd_script_word(const char *script);
/*
 * Returns NULL if a PATCH may have this name, else a static text that says why not: the name must
 * stay below patches/.
 */
const char *makecmd_patch_problem(const char *name);
/* msec as HH:MM:SS.  Caller frees. */
char *makecmd_elapsed(uint64_t msec);
