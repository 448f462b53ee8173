/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * clone - the same file at a second place, with owner, mode, times and labels.
 *
 * The clone is a hard link where the file system allows it, else a copy.  A copy is synced.
 */
#include "sys/root.h"

/*
 * Clone a regular file or a symlink.  A fifo, socket or device can be linked, but not copied.
 * -EEXIST: `to` exists; -EINVAL: `from` is a folder, or it can be neither linked nor copied.
 */
int clone_file(const struct root *r, const char *from, const char *to) MUST_CHECK;
/* Clone a folder and all below it.  Each new folder is synced; the parent folder of `to` is not. */
int clone_tree(const struct root *r, const char *from, const char *to) MUST_CHECK;
