/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

char buf_empty[1];

void buf_release(struct buf *b)
{
	if (b->alloc)
		free(b->s);
	*b = (struct buf)BUF_INIT;
}

void buf_reset(struct buf *b)
{
	if (b->alloc)
		buf_truncate(b, 0);
}

char *buf_detach(struct buf *b)
{
	char *s = b->alloc ? b->s : xstrdup("");

	*b = (struct buf)BUF_INIT;
	return s;
}

/* Make room for more bytes and the final NUL. */
static void buf_grow(struct buf *b, size_t more)
{
	size_t need, alloc;

	if (__builtin_add_overflow(b->len, more, &need) || __builtin_add_overflow(need, 1, &need))
		alloc_die();
	if (need <= b->alloc)
		return;
	alloc = b->alloc ? 2 * b->alloc : 64;
	if (alloc < need)
		alloc = need;
	b->s = xreallocarray(b->alloc ? b->s : NULL, alloc, 1);
	b->alloc = alloc;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	buf_grow(b, len);
	if (len)
		memcpy(b->s + b->len, data, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addch(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		alloc_die();
	buf_grow(b, (size_t)n);
	vsnprintf(b->s + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void buf_truncate(struct buf *b, size_t len)
{
	if (!b->alloc)
		return;
	b->len = len;
	b->s[len] = '\0';
}

static bool buf_is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '%';
}

void buf_add_escaped(struct buf *b, const char *s)
{
	if (!*s)
		buf_addch(b, '%');
	for (; *s; s++) {
		if (buf_is_plain((unsigned char)*s))
			buf_addch(b, *s);
		else
			buf_addf(b, "%%%02X", (unsigned char)*s);
	}
}

static int buf_hexdigit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool buf_add_unescaped(struct buf *b, const char *s, size_t len)
{
	size_t start = b->len;

	if (len == 1 && *s == '%')
		return true;
	for (size_t i = 0; i < len; i++) {
		int hi, lo;

		if (buf_is_plain((unsigned char)s[i])) {
			buf_addch(b, s[i]);
			continue;
		}
		if (s[i] != '%' || i + 2 >= len || (hi = buf_hexdigit(s[i + 1])) < 0 ||
		    (lo = buf_hexdigit(s[i + 2])) < 0 ||
		    buf_is_plain((unsigned char)(hi * 16 + lo)) || hi + lo == 0) {
			buf_truncate(b, start);
			return false;
		}
		buf_addch(b, (char)(hi * 16 + lo));
		i += 2;
	}
	return len > 0;
}

void buf_add_quoted(struct buf *b, const char *s)
{
	buf_addch(b, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addch(b, *s);
	}
	buf_addch(b, '\'');
}
