/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * makecmd - the command lines of a build, as DKMS forms them.  Pure.
 */
#include "base/error.h"

/*
 * A MAKE directive that begins with the letters "make" gets that prefix
 * replaced by "make JOBS KERNELRELEASE=K"; any other first word, also a
 * quoted 'make', is left alone.  jobs: "-j8", "-j", or "" (an outer jobserver).
 * Caller frees.
 */
char *makecmd_make(const char *make, const char *jobs, const char *release);
/* First word of a script directive ("script args"), caller frees. */
char *makecmd_script_word(const char *script);
/* NULL when a PATCH name may be used, else why not: it must stay below patches/. */
const char *makecmd_patch_problem(const char *name);
/* msec as HH:MM:SS, whole seconds; caller frees. */
char *makecmd_elapsed(uint64_t msec);
