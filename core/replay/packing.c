/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/packing.h"

#include <zstd.h>

#include "base/alloc.h"

enum { LEVEL = 1 };

bool packing_pack(const void *data, size_t len, struct buf *b)
{
	size_t max = ZSTD_compressBound(len), n;
	AUTO_FREE char *out = xmalloc(max);

	n = ZSTD_compress(out, max, data, len, LEVEL);
	if (ZSTD_isError(n))
		return false;
	buf_add(b, out, n);
	return true;
}

bool packing_unpack(const void *data, size_t len, size_t size, struct buf *b)
{
	AUTO_FREE char *out = xmalloc(size);
	size_t n = ZSTD_decompress(out, size, data, len);

	if (ZSTD_isError(n) || n != size)
		return false;
	buf_add(b, out, n);
	return true;
}
