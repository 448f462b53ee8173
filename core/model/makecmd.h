/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * makecmd - what a build makes of the directives MAKE, PATCH and of scripts, as DKMS does.  Pure.
 */
#include "base/util.h"

/*
 * The command of a MAKE directive: the letters "make" at its begin become
 * "make JOBS KERNELRELEASE=RELEASE".  Any other begin stays as it is, even a quoted 'make'.  jobs:
 * "-j8", "-j", or "" if make gets the jobserver of somebody else.  Caller frees.
 */
char *makecmd_make(const char *make, const char *jobs, const char *release);
/* First word of a script directive, "SCRIPT ARGUMENTS".  Caller frees. */
char *makecmd_script_word(const char *script);
/* NULL if a PATCH may have this name, else a static text: it must stay below patches/. */
const char *makecmd_patch_problem(const char *name);
/* msec as HH:MM:SS.  Caller frees. */
char *makecmd_elapsed(uint64_t msec);
