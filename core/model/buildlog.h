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
/* The disk was full at some point. */
bool buildlog_disk_full(const char *text);
/* The command that a shell or make could not find, e.g. "gcc-12"; NULL: none.  Caller frees. */
char *buildlog_missing_command(const char *text);
