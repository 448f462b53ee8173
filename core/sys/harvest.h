/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * harvest - copy what a build made out of its folder.
 *
 * The source's author decides what is in that folder: a name in it may be a link to any file of the
 * machine, or become one at any time.  So the file is opened once, beneath the folder and through
 * no link.  Checks are to be made on the copy.
 */
#include "sys/root.h"

/*
 * Copy folder/rel to the new file to, with mode 0644 and its times.
 * -ENOENT, -ENOTDIR: there is no such file; -ELOOP: it is a symlink or lies behind one; -EXDEV: it
 * lies outside of the folder or on another mount; -EINVAL: not a regular file; -EMLINK: it has a
 * second hard link, so it may be somebody else's; -EFBIG: more than max bytes; -ESTALE: it became
 * shorter meanwhile; -EEXIST: to exists.
 */
int harvest_file(const struct root *r, const char *folder, const char *rel, const char *to,
		 uint64_t max) MUST_CHECK;
/* What is wrong with the file, as "is too large"; NULL if the code is none of the refusals. */
const char *harvest_problem(int code);
