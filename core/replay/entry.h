/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * entry - what is remembered of one call of a compiler, as bytes.  Pure.
 *
 * A file of the store is a seal and what it seals:
 *
 *	16 bytes	ENTRY_MAGIC, which names the version of the format
 *	32 bytes	SHA-256 of all that follows
 *	4 bytes		size of the body
 *	...		the body, compressed by packing.h
 *
 * A file that is cut off, damaged or of another version has another seal, and is no entry.
 */
#include "base/buf.h"
#include "replay/sha256.h"

#define ENTRY_MAGIC "dkms-compiled-1\n"
#define ENTRY_MAX   ((size_t)64 << 20) /* bytes of a body, and of a file */
/* Bytes before the compressed body. */
#define ENTRY_SEAL (sizeof(ENTRY_MAGIC) - 1 + SHA256_SIZE + 4)

struct entry_text {
	const char *s; /* NULL: there is none */
	size_t len;
};

struct entry_dep {
	unsigned char hash[SHA256_SIZE];
	struct entry_text path; /* absolute; the words of the release are masked */
};

/* Its texts are parts of the body from which it was read, or belong to the caller. */
struct entry {
	struct entry_text key, release; /* release: of the kernel for which the call was made */
	unsigned int status;
	struct entry_dep *deps;
	size_t n_deps;
	struct entry_text output, depfile, out, err; /* files that were made; what was printed */
};
#define AUTO_ENTRY CLEANUP(entry_release)
void entry_release(struct entry *e);

void entry_print(const struct entry *e, struct buf *b);
/* Returns false if the body is not whole. */
bool entry_parse(const char *body, size_t len, struct entry *ret) MUST_CHECK;

/* Make a file of a compressed body. */
void entry_seal(const void *packed, size_t len, size_t body_size, struct buf *b);
/* Is it a whole file of the store?  *ret_size is the size of its body; ret_size may be NULL. */
bool entry_sealed(const void *file, size_t len, size_t *ret_size);
