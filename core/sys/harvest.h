/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * harvest - what a build made, taken out of its folder.
 *
 * The folder belongs to whoever wrote the source: every name in it may be a link to a file of
 * the machine's, or become one while we look.  So the file is opened once, beneath the folder and
 * through no link, and only the copy counts: whoever wants to check it checks that.
 */
#include "sys/root.h"

/*
 * Copy folder/rel, of at most max bytes, to the new file to (mode 0644, the same time).
 * -ENOENT, -ENOTDIR: it is not there; -ELOOP: it is a symlink or behind one; -EXDEV: it is not
 * beneath the folder, or on another mount; -EINVAL: no regular file; -EMLINK: it has another name,
 * and may be somebody else's; -EFBIG; -EEXIST, -errno of the copy.
 */
int harvest_file(const struct root *r, const char *folder, const char *rel, const char *to,
		 uint64_t max) MUST_CHECK;
/* One of the refusals above, as what is said of a file: "is a link ..."; NULL: another error. */
const char *harvest_problem(int code);
