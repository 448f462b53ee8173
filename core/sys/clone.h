/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * clone - the same file at a second place, with owner, mode, times and labels.
 *
 * It is a hard link where the file system allows it; else a copy, which is synced.
 */
#include "sys/root.h"

/*
 * A regular file or a symlink; to must not exist.  Other files, but no folders, can be linked;
 * where they would have to be copied: -EINVAL.
 */
int clone_file(const struct root *r, const char *from, const char *to) MUST_CHECK;
/* A folder and all below it.  Each new folder is synced, but not the one that holds to. */
int clone_tree(const struct root *r, const char *from, const char *to) MUST_CHECK;
