/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * harvest - take what a build made, and copy it out of the build folder.
 *
 * The author of the source decides what is in that folder: a name in it may be a link to any file
 * of the machine, or may become a link at any time.  So harvest_file() opens the file only once,
 * follows no link, and opens nothing outside of the folder.  The caller checks the copy, never the
 * file in the folder.
 */
#include "sys/root.h"

/*
 * Copy folder/rel to a new file, `to`.  The copy has mode 0644 and the times of folder/rel.
 * -ENOENT, -ENOTDIR: there is no such file; -ELOOP: it is a symlink or lies behind one; -EXDEV: it
 * lies outside of the folder or on another mount; -EINVAL: not a regular file; -EMLINK: it has a
 * second hard link, so it may be somebody else's; -EFBIG: more than `max` bytes; -ESTALE: it became
 * shorter meanwhile; -EEXIST: `to` exists.
 */
int harvest_file(const struct root *r, const char *folder, const char *rel, const char *to,
		 uint64_t max) MUST_CHECK;
/*
 * The same for a file that is open already, from its beginning, whatever has become of its name.
 * -EINVAL, -EFBIG, -ESTALE, -EEXIST as above.
 */
int harvest_open_file(const struct root *r, int fd, const char *to, uint64_t max) MUST_CHECK;
/*
 * Why harvest_file() refused the file, e.g. "is too large"; NULL if `code` is another kind of
 * error.
 */
const char *harvest_problem(int code);
