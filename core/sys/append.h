/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * append - whole lines at the end of a file that several processes write to.
 *
 * Each call is one write(2) with O_APPEND, so lines of several writers never mix.  A full disk or a
 * power cut can leave a last line without its '\n'; then the next call writes that '\n' first.  A
 * line that another writer is just writing can look unfinished, too, so the file may get empty
 * lines.
 *
 * Paths are as in root.h.  The last component must be a regular file; a symlink is not followed.
 */
#include "sys/root.h"

/*
 * Append `line`, which is one or more lines, each with its '\n'.  A missing file is made with mode
 * 0644 less the umask; its folder must exist.  An empty file takes the lines even if they are
 * longer than `max` bytes.
 *
 * -EFBIG: the file would get longer than `max` bytes, so nothing was written; -ENOSPC: nothing, or
 * only a part, was written; -EINVAL: not a regular file; -EMLINK: the file has a second hard link,
 * so it may be somebody else's.
 */
int append_line(const struct root *r, const char *path, const char *line, size_t len,
		uint64_t max) MUST_CHECK;
/* fsync(2) the file and its folder. */
int append_sync(const struct root *r, const char *path) MUST_CHECK;
