/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * toolchain - what the modules of a kernel are built with, as one hash: for the key of a failure.
 *
 * Bytes of the headers' own makefiles, configuration and kbuild (scripts, objtool; those of a
 * common folder too), and size and time of make, the binutils, gcc, clang and the compiler that the
 * kernel asks for.  What is not there counts as that, so that what comes later is a new chance.
 * Starts no process; files that stat(2) says are unchanged are not read again.
 */
#include "engine/cache.h"

/* headers, sources: the caches of these names, may be NULL.  Caller frees. */
char *toolchain_identity(const struct engine *e, const char *release, struct cache *headers,
			 struct cache *sources);
/*
 * Names of compilers in the text of a .kernelvariables or a CONFIG_CC_VERSION_TEXT: "gcc-12",
 * "x86_64-linux-gnu-gcc-12", "clang".  Pure.
 */
void toolchain_compilers(const char *text, struct strv *ret);
