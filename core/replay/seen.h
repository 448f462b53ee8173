/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * seen - the content of files that a compiler reads, as the stand-in sees it.
 *
 * Headers of the kernel are known from their table.  Every other file is read and hashed.
 */
#include "replay/headertable.h"
#include "replay/room.h"

struct stat;

struct seen {
	const struct room *room;
	struct headertable table;
	struct release_words words;
	struct strv folders, real; /* folders[i] resolved is real[i] */
};
#define AUTO_SEEN CLEANUP(seen_release)
void seen_release(struct seen *s);
/* Returns false if there is no table. */
bool seen_open(struct seen *s, const struct room *room) MUST_CHECK;

struct seen_file {
	unsigned char hash[SHA256_SIZE];
	unsigned int flags;	 /* content_flags() */
	bool header;		 /* the table has it */
	bool salt;		 /* it is autoconf.h, in which the release is masked */
	bool masked;		 /* it is one of the headers in which the release is masked */
	struct timespec changed; /* not set if the table has it */
};
/*
 * `path` is absolute.  *ret_real gets it with its folder resolved; caller frees.  Returns false if
 * it cannot be read.
 */
bool seen_look(struct seen *s, const char *path, struct seen_file *ret, char **ret_real) MUST_CHECK;
/* `path` with its folder resolved; NULL: there is no such folder.  Caller frees. */
char *seen_resolve(struct seen *s, const char *path);
/* Append the content of a file of at most `max` bytes.  ret_st may be NULL. */
bool seen_read(const char *path, size_t max, struct buf *b, struct stat *ret_st) MUST_CHECK;
