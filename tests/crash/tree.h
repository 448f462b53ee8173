/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tree - folders of the crash tests: copy, remove, describe.  Errors end the program.
 */
#include "base/strv.h"

/*
 * Copy what is in the folder `from` to the folder `to`, which is made.  Modes, times, links and
 * hard links are kept.
 */
void tree_copy(const char *from, const char *to);
/* Remove what is in the folder, but not the folder. */
void tree_empty(const char *path);
/*
 * Append a line for each entry, sorted by path: type, mode, hash of the content or the link's
 * target, path.  Entries for which skip() is true are left out.
 */
void tree_describe(const char *path, bool (*skip)(const char *rel), struct strv *ret);
/* A hash of the file's content; 0: it cannot be read. */
uint64_t tree_hash(const char *path);
