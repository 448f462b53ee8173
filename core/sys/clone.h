/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * clone - the same file at a second place, with owner, mode, times and labels.
 *
 * A hard link where there can be one; else a faithful copy, synced.
 */
#include "sys/root.h"

/* A regular file or symlink (by link: anything but a folder); to must not exist. */
int clone_file(const struct root *r, const char *from, const char *to) MUST_CHECK;
/* A folder and all below it; each folder is synced, to's own entry is not. */
int clone_tree(const struct root *r, const char *from, const char *to) MUST_CHECK;
