/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * buildlog - why a build failed, from its log.
 *
 * Knows the messages of gcc, clang, ld, modpost, make, the shell, patch and download tools.  Pure.
 */
#include "base/strv.h"

/*
 * Append to `ret` the lines that show why the build failed: at most `max`, in the order of the log.
 * All these lines are of one kind, the first of these kinds that the log has:
 *
 *	1. causes: errors of compiler, linker, modpost, patch, a missing program ...
 *	2. what make itself finds wrong: "make: *** No rule to make target"
 *	3. failures that make passes on: "make: *** [Makefile:10: all] Error 2"
 *	4. the last line of output
 *
 * Control characters are removed, and a line is cut at 300 bytes.
 */
void buildlog_first_errors(const char *text, size_t max, struct strv *ret);
/*
 * What made the build fail.  BUILDLOG_SOURCE is an error in source, kernel or configuration: the
 * same input will fail again.  All other causes may be gone at the next try.
 */
enum buildlog_blame {
	BUILDLOG_SOURCE,
	BUILDLOG_DISK,	  /* the disk is full */
	BUILDLOG_MEMORY,  /* there is not enough memory */
	BUILDLOG_KILLED,  /* the kernel's OOM killer or a person killed a program */
	BUILDLOG_NETWORK, /* a download failed */
	BUILDLOG_TOOL,	  /* a program is missing */
	BUILDLOG_BROKEN,  /* a program cannot run: it is only half installed */
};
enum buildlog_blame buildlog_blame(const char *text);
/*
 * Returns the program that a shell or make could not find, such as "gcc-12"; NULL: none.  Many
 * Makefiles probe for optional programs, so a message counts only if kernels are built with that
 * program, or if a line "make: ... Error 127" follows the message.  A name with a '/' counts only
 * if it begins with /usr/ or /bin/: any other path is a file of the source or the kernel.  Caller
 * frees.
 */
char *buildlog_missing_command(const char *text);
