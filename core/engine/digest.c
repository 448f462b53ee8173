/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fs.h"

#define CHUNK	 (256 * 1024)
#define FILE_MAX ((int64_t)4 << 30)

/* End the process if a call of libcrypto failed: SHA-256 fails only for lack of memory. */
static void digest_must(bool ok)
{
	if (ok)
		return;
	alloc_die();
	abort();
}

/* Fetch the algorithm, but only once: a fetch takes longer than hashing a small file. */
static const EVP_MD *digest_sha256(void)
{
	static const EVP_MD *md;

	if (!md)
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
#else
		md = EVP_sha256();
#endif
	digest_must(md != NULL);
	return md;
}

void digest_begin(struct digest *d)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	digest_must(ctx && EVP_DigestInit_ex(ctx, digest_sha256(), NULL) == 1);
	d->ctx = ctx;
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	digest_must(EVP_DigestUpdate(d->ctx, data, len) == 1);
}

void digest_add_string(struct digest *d, const char *s)
{
	digest_add(d, s, strlen(s) + 1);
}

void digest_end_bytes(struct digest *d, unsigned char ret[DIGEST_SIZE])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	digest_must(EVP_DigestFinal_ex(d->ctx, sum, &len) == 1 && len == DIGEST_SIZE);
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
	memcpy(ret, sum, DIGEST_SIZE);
}

void digest_end(struct digest *d, char ret[DIGEST_HEX])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char sum[DIGEST_SIZE];

	digest_end_bytes(d, sum);
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		ret[2 * i] = hex[sum[i] >> 4];
		ret[2 * i + 1] = hex[sum[i] & 15];
	}
	ret[2 * DIGEST_SIZE] = '\0';
}

void digest_bytes(const void *data, size_t len, char ret[DIGEST_HEX])
{
	struct digest d;

	digest_begin(&d);
	digest_add(&d, data, len);
	digest_end(&d, ret);
}

static int digest_add_fd(struct digest *d, int fd)
{
	AUTO_FREE char *chunk = xmalloc(CHUNK);

	for (;;) {
		ssize_t n = read(fd, chunk, CHUNK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		digest_add(d, chunk, (size_t)n);
	}
}

static int digest_fd(int fd, char ret[DIGEST_HEX])
{
	char hex[DIGEST_HEX];
	struct digest d;
	int r;

	digest_begin(&d);
	r = digest_add_fd(&d, fd);
	digest_end(&d, hex);
	if (r == 0)
		memcpy(ret, hex, sizeof(hex));
	return r;
}

int digest_file(const struct root *r, const char *path, char ret[DIGEST_HEX])
{
	int fd = fs_open_file(r, path, 0);
	struct stat st;
	int e;

	if (fd < 0)
		return fd;
	/*
	 * Refuse a very large file: a sparse file may claim terabytes, which would take hours to
	 * hash.
	 */
	if (fstat(fd, &st) < 0)
		e = -errno;
	else if (st.st_size > FILE_MAX)
		e = -EFBIG;
	else
		e = digest_fd(fd, ret);
	close(fd);
	return e;
}
