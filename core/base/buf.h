/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * buf - a growing byte string that is always NUL-terminated.
 *
 *	AUTO_BUF struct buf b = BUF_INIT;
 *	buf_addf(&b, "%s/%s", name, version);
 *	puts(b.s);
 *
 * b.s is never NULL; b.len counts bytes without the final NUL and the
 * content may hold NULs of its own.  buf_release() frees and leaves an empty
 * buf that may be used again; buf_detach() hands the string to the caller.
 */
#include <stdarg.h>

#include "base/util.h"

struct buf {
	char *s;
	size_t len;
	size_t alloc; /* 0: s is the shared empty string */
};

extern char buf_empty[1];
#define BUF_INIT { buf_empty, 0, 0 }
#define AUTO_BUF CLEANUP(buf_release)

void buf_release(struct buf *b);
/* Empty it, keep the memory. */
void buf_reset(struct buf *b);
/* The string, to be freed by the caller; b is empty afterwards. */
char *buf_detach(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);
/* Cut to len bytes; len must not exceed b->len. */
void buf_truncate(struct buf *b, size_t len);
/*
 * Append s with every byte below 0x21, above 0x7e, '%' and 0x7f written as
 * %XX, so that it is one word of a line; the empty string becomes "%".
 * buf_add_unescaped() is the inverse and returns false (nothing appended)
 * for anything that buf_add_escaped() could not have written.
 */
void buf_add_escaped(struct buf *b, const char *s);
bool buf_add_unescaped(struct buf *b, const char *s, size_t len) MUST_CHECK;
/* Append s in single quotes, as one word for a shell. */
void buf_add_quoted(struct buf *b, const char *s);
