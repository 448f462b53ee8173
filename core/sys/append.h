/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * append - whole lines at the end of a file that several processes write to.
 *
 * Each call is one write(2) with O_APPEND, so lines of several writers never mix.  If a full disk
 * or a power cut has left a line without its end, the next call ends it first; a line that another
 * writer is just writing may look like that, so there can be empty lines.  Paths are as in
 * root.h; the last component must be a regular file, and a symlink there is not followed.
 */
#include "sys/root.h"

/*
 * line: one or more lines with their '\n'.  The file is made with mode 0644 less the umask; its
 * folder must exist.  -EFBIG: a file that is not empty would get longer than max bytes, nothing
 * was written; -ENOSPC: only a part was written; -EINVAL: not a regular file; -EMLINK: the file
 * has a second hard link, so it may be somebody else's.
 */
int append_line(const struct root *r, const char *path, const char *line, size_t len,
		uint64_t max) MUST_CHECK;
/* fsync of the file and of its folder. */
int append_sync(const struct root *r, const char *path) MUST_CHECK;
