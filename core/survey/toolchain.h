/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * toolchain - identify what the modules of a kernel are built with, for the key of a failure.
 *
 * The identity is a hash of two things:
 *
 * - the contents of makefiles, configuration and kbuild (scripts, objtool) in the headers, and in
 *   the common part of the headers (kernel_common_dir()), if there is one
 * - size and time of make, the binutils, gcc, clang and the compilers that the kernel names
 *
 * A file that is missing counts, too: when the file appears, an event tries the build again.
 *
 * No process is started.  Files that stat(2) shows as unchanged are not read again.
 */
#include "engine/cache.h"

/* `headers` and `sources` are the caches of these names; either may be NULL.  Caller frees. */
char *toolchain_identity(const struct engine *e, const char *release, struct cache *headers,
			 struct cache *sources);
/*
 * Append the names of compilers in the text of a .kernelvariables or a CONFIG_CC_VERSION_TEXT, like
 * "gcc-12", "x86_64-linux-gnu-gcc-12" or "clang".  Pure.
 */
void toolchain_compilers(const char *text, struct strv *ret);
