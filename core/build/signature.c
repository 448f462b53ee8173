/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/signature.h"

#include <string.h>

#define TRAILER 12

enum { ALGO, HASH, ID_TYPE, SIGNER_LEN, KEY_ID_LEN, LENGTH = 8 };

static const char magic[] = "~Module signature appended~\n";
#define MAGIC (sizeof(magic) - 1)

void signature_end(struct buf *message)
{
	size_t len = message->len;
	const unsigned char trailer[TRAILER] = { [ID_TYPE] = 2,
						 [LENGTH] = (unsigned char)(len >> 24),
						 (unsigned char)(len >> 16),
						 (unsigned char)(len >> 8),
						 (unsigned char)len };

	buf_add(message, (const char *)trailer, TRAILER);
	buf_adds(message, magic);
}

bool signature_is_there(const void *data, size_t len)
{
	return len >= MAGIC && memcmp((const char *)data + len - MAGIC, magic, MAGIC) == 0;
}

const char *signature_find(const void *data, size_t len, struct signature *ret)
{
	const unsigned char *p = data;
	size_t message;

	if (!signature_is_there(data, len))
		return "it has no signature";
	len -= MAGIC;
	if (len < TRAILER)
		return "its signature is cut";
	len -= TRAILER;
	p += len;
	if (p[ID_TYPE] != 2)
		return "its signature is no PKCS#7 message";
	if (p[ALGO] || p[HASH] || p[SIGNER_LEN] || p[KEY_ID_LEN])
		return "its signature's trailer is wrong";
	message = (size_t)p[LENGTH] << 24 | (size_t)p[LENGTH + 1] << 16 |
		  (size_t)p[LENGTH + 2] << 8 | p[LENGTH + 3];
	if (message == 0 || message >= len)
		return "its signature's length is wrong";
	*ret = (struct signature){ len - message, len - message, message };
	return NULL;
}
