/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headertable - the content of all headers of a kernel, as one file that is mapped.
 *
 * headerscan.h makes it, for a run; the stand-in reads it, some hundred times in a build.
 */
#include <stdint.h>

#include "base/buf.h"
#include "base/strv.h"
#include "replay/sha256.h"

#define HEADERTABLE_MAGIC "dkms-headers-2\n" /* 16 bytes, with the NUL */

struct headertable_file {
	uint32_t path;			 /* where it is among the strings */
	uint32_t flags;			 /* content_flags() */
	unsigned char hash[SHA256_SIZE]; /* of a masked header: with the release masked */
};

struct headertable_head {
	char magic[16];
	unsigned char seal[SHA256_SIZE];  /* SHA-256 of all that follows */
	unsigned char stamp[SHA256_SIZE]; /* what stat(2) said of all files */
	/* all names, and where links to folders lead, with the release masked */
	unsigned char names[SHA256_SIZE];
	unsigned char identity[SHA256_SIZE]; /* all that can change a module (headerscan.h) */
	int64_t begun_ns; /* a file that has changed since this time (ctime) may have another hash */
	uint32_t n_roots, n_files, n_strings;
};

/*
 * The head is followed by n_roots offsets of strings, then by the files, sorted by path with
 * strcmp(3), and then by the strings.
 */
struct headertable {
	void *map; /* NULL: not open */
	size_t len;
	const struct headertable_head *head;
	const uint32_t *roots;
	const struct headertable_file *files;
	const char *strings;
};
#define AUTO_HEADERTABLE CLEANUP(headertable_close)
void headertable_close(struct headertable *t);
/* `fd` is a descriptor of the file.  -EPROTO: it is damaged, or of another version; else -errno. */
int headertable_map(int fd, struct headertable *ret) MUST_CHECK;
/* The entry for a path without symlinks; NULL: it is no file of the headers. */
const struct headertable_file *headertable_find(const struct headertable *t, const char *path);
/* Is the path inside one of the folders of which the table has all names? */
bool headertable_covers(const struct headertable *t, const char *path);
