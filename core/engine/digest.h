/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * digest - SHA-256, the only hash we use; the door to libcrypto's hashes.
 *
 *	struct digest d;
 *	digest_begin(&d);
 *	digest_add(&d, data, len);
 *	digest_end(&d, hex);		call it in any case: it frees d.ctx
 *
 * A result is 64 lower-case hex digits and a NUL.  Only digest_file() can fail; lack of memory ends
 * the process.
 */
#include "sys/root.h"

#define DIGEST_HEX  65
#define DIGEST_SIZE 32

struct digest {
	void *ctx;
};

void digest_begin(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
/* Adds the NUL, too, so that "a", "bc" and "ab", "c" differ. */
void digest_add_string(struct digest *d, const char *s);
void digest_end(struct digest *d, char ret[DIGEST_HEX]);
/* The same, as bytes. */
void digest_end_bytes(struct digest *d, unsigned char ret[DIGEST_SIZE]);

void digest_bytes(const void *data, size_t len, char ret[DIGEST_HEX]);
/*
 * Hash a file; symlinks are followed inside the root.  -EINVAL: not a regular file; -EFBIG: larger
 * than 4 GiB; else -errno.
 */
int digest_file(const struct root *r, const char *path, char ret[DIGEST_HEX]) MUST_CHECK;
