/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * append - whole lines at the end of a file that several processes write to.
 *
 * Each line is one write(2) with O_APPEND, so lines of several writers never mix.  A line that a
 * full disk or a power cut has torn is closed by the next one.  Paths as in root.h; the last
 * component is not followed when it is a symlink, and must be a regular file.
 */
#include "sys/root.h"

/*
 * line: one or more lines with their '\n'.  The file is made with mode 0644 less the umask, its
 * folder must be there.  -EFBIG and nothing written when a file that is not empty would get longer
 * than max bytes; -ENOSPC when only a part could be written; -EINVAL: no regular file;
 * -EMLINK: it has another name, and may be somebody else's.
 */
int append_line(const struct root *r, const char *path, const char *line, size_t len,
		uint64_t max) MUST_CHECK;
/* fsync of the file and of its folder. */
int append_sync(const struct root *r, const char *path) MUST_CHECK;
