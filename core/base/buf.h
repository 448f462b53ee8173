/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * buf - a growing byte string that is always NUL-terminated.
 *
 *	AUTO_BUF struct buf b = BUF_INIT;
 *	buf_addf(&b, "%s/%s", name, version);
 *	puts(b.s);
 *
 * b.s is never NULL.  b.len does not count the final NUL, and the content may have NULs itself.
 * buf_release() frees the memory; the buf is empty then and may be used again.
 */
#include <stdarg.h>

#include "base/util.h"

struct buf {
	char *s;
	size_t len;
	size_t alloc; /* 0: s is the shared empty string */
};

extern char buf_empty[1];
#define BUF_INIT                \
	{                       \
		buf_empty, 0, 0 \
	}
#define AUTO_BUF CLEANUP(buf_release)

void buf_release(struct buf *b);
/* Make it empty, but keep the memory. */
void buf_reset(struct buf *b);
/* Give the string to the caller, who frees it, and leave b empty. */
char *buf_detach(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);
/* Cut the content to its first `len` bytes.  `len` must not be greater than b->len. */
void buf_truncate(struct buf *b, size_t len);
/*
 * Append s as one word of a line: '%', bytes below 0x21 and bytes above 0x7e become %XX in upper
 * case, and an empty s becomes "%".  buf_add_unescaped() is the inverse; it returns false and
 * appends nothing if buf_add_escaped() cannot have written s.
 */
void buf_add_escaped(struct buf *b, const char *s);
bool buf_add_unescaped(struct buf *b, const char *s, size_t len) MUST_CHECK;
/* Append s in single quotes, as one word for a shell. */
void buf_add_quoted(struct buf *b, const char *s);
