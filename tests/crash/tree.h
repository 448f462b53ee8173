/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tree - folders of the crash tests: copy, remove, describe.  Errors end the program.
 */
#include "base/strv.h"

/* The content of folder from into folder to, which is made; modes, times, links and hard links
 * kept. */
void tree_copy(const char *from, const char *to);
/* What is in it, not the folder. */
void tree_empty(const char *path);
/* A line an entry, sorted by path: type, mode, content's hash or link, path.  skip: not these. */
void tree_describe(const char *path, bool (*skip)(const char *rel), struct strv *ret);
/* 0: cannot be read. */
uint64_t tree_hash(const char *path);
