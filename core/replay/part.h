/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* part - a file of a compiler and what stat(2) said of it, as one word for the stand-in.  Pure. */
#include <sys/stat.h>

/* "DEV:INODE:SIZE:MTIME:CTIME PATH", or "- PATH" if st is NULL: no such file.  Caller frees. */
char *part_text(const char *path, const struct stat *st);
/* The path in such a text; NULL: it is none. */
const char *part_path(const char *text);
