/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * sha256 - SHA-256 without libcrypto, for the stand-in of the compilers.
 *
 * The stand-in runs for each call of a compiler and often needs less time than libcrypto needs to
 * be loaded.  The engine uses engine/digest.h; both give the same hashes.  Pure.
 */
#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32

struct sha256 {
	uint32_t state[8];
	uint64_t len;
	unsigned char block[64];
};

void sha256_begin(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *data, size_t len);
/* Adds the NUL, too, so that "a", "bc" and "ab", "c" differ. */
void sha256_add_string(struct sha256 *h, const char *s);
void sha256_end(struct sha256 *h, unsigned char ret[SHA256_SIZE]);
/* 64 lower-case hex digits and a NUL. */
void sha256_hex(const unsigned char hash[SHA256_SIZE], char ret[2 * SHA256_SIZE + 1]);
