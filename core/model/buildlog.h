/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * buildlog - why a build failed, from its log.
 *
 * Knows the messages of gcc, clang, ld, modpost, make, the shell, patch and download tools.  Pure.
 */
#include "base/strv.h"

/*
 * Append to ret at most max lines that show why the build failed, in the order of the log: errors
 * of compiler, linker and modpost; without any, errors of make itself; without those, the last line
 * of output.  Lines come without control characters, cut at 300 bytes.
 */
void buildlog_first_errors(const char *text, size_t max, struct strv *ret);
/*
 * What made the build fail.  Only BUILDLOG_SOURCE, an error in source, kernel or configuration, is
 * sure to come again with the same input.  Everything else may be gone at the next try.
 */
enum buildlog_blame {
	BUILDLOG_SOURCE,
	BUILDLOG_DISK,	  /* full */
	BUILDLOG_MEMORY,  /* not enough */
	BUILDLOG_KILLED,  /* by the kernel's OOM killer or by a person */
	BUILDLOG_NETWORK, /* a download failed */
	BUILDLOG_TOOL,	  /* a program is missing */
	BUILDLOG_BROKEN,  /* a program cannot run: it is only half installed */
};
enum buildlog_blame buildlog_blame(const char *text);
/*
 * The program that a shell or make could not find, such as "gcc-12"; NULL: none.  Many Makefiles
 * probe for optional programs, so a message counts only if kernels are built with that program, or
 * if make stops with Error 127 after it.  Files of the source or of the kernel are not programs.
 * Caller frees.
 */
char *buildlog_missing_command(const char *text);
