/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * buildlog - what a build's output says about why it failed.
 *
 * Knows the forms of gcc, clang, ld, modpost, make, the shell and patch.  Pure.
 */
#include "base/strv.h"

/*
 * The lines that a person should see first, at most max, in the log's order: compiler, linker and
 * modpost errors; if there are none, what make itself complains about; if not even that, the last
 * line of output.  Control characters are taken out, long lines are cut at 300 bytes.
 */
void buildlog_first_errors(const char *text, size_t max, struct strv *ret);
/*
 * What is to blame.  Only what lies in the source, the kernel or its configuration comes again with
 * the same input; all else may have passed by the next time.
 */
enum buildlog_blame {
	BUILDLOG_SOURCE,
	BUILDLOG_DISK,	  /* it was full at some point */
	BUILDLOG_MEMORY,  /* there was too little */
	BUILDLOG_KILLED,  /* from outside: by the kernel for want of memory, or by a person */
	BUILDLOG_NETWORK, /* a download failed */
	BUILDLOG_TOOL,	  /* a program is missing */
	BUILDLOG_BROKEN,  /* a program is there and cannot run: half of it is installed */
};
enum buildlog_blame buildlog_blame(const char *text);
/*
 * The command that a shell or make could not find, e.g. "gcc-12"; NULL: none.  A line that says so
 * counts if kernels are built with that program, or if make ends with Error 127 for it: many a
 * Makefile looks for one that it can do without.  Files of the source or the kernel are no
 * commands.  Caller frees.
 */
char *buildlog_missing_command(const char *text);
