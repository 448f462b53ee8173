/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <string.h>

static bool text_is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/*
 * Returns the length of the character whose first byte is c; 0: no character begins with c.
 * *ret: those bits of the character that are in c.
 */
static size_t text_first_byte(unsigned char c, uint32_t *ret)
{
	if (c < 0x80) {
		*ret = c;
		return 1;
	}
	if (c >= 0xc2 && c <= 0xdf) {
		*ret = c & 0x1fu;
		return 2;
	}
	if (c >= 0xe0 && c <= 0xef) {
		*ret = c & 0x0fu;
		return 3;
	}
	*ret = c & 0x07u;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/*
 * Returns the length of the first character of s, 0 if it is not valid UTF-8 (RFC 3629).
 * *ret: the character.
 */
static size_t text_decode(const char *s, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c;
	size_t len = text_first_byte((unsigned char)*s, &c);

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (!text_is_continuation((unsigned char)s[i]))
			return 0;
		c = c << 6 | ((unsigned char)s[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return len;
}

size_t text_length(const char *s, size_t n)
{
	uint32_t c;

	return text_decode(s, n, &c);
}

void text_add_valid(struct buf *b, const char *s, size_t max)
{
	size_t n = strlen(s), begin = b->len;

	while (n) {
		size_t len = text_length(s, n), step = len ? len : 1;

		if (b->len - begin + (len ? len : 3) > max) {
			buf_adds(b, "...");
			return;
		}
		if (len)
			buf_add(b, s, len);
		else
			buf_adds(b, "\xef\xbf\xbd");
		s += step;
		n -= step;
	}
}

static bool text_is_visible(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	/*
	 * Not visible either: characters that change the direction of text, separators of lines and
	 * paragraphs, and format characters that have no shape.
	 */
	return !(c == 0x061c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		 (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
		 (c >= 0xe0000 && c <= 0xe007f));
}

/* As text_add_visible(), but `blank` replaces tabs and newlines; if it is '\0', they stay. */
static void text_add_printable(struct buf *b, const char *s, char blank)
{
	size_t n = strlen(s);

	while (n) {
		uint32_t c = 0;
		size_t len = text_decode(s, n, &c), step = len ? len : 1;

		if (len && text_is_visible(c))
			buf_add(b, s, len);
		else if (c == '\t' || c == '\n')
			buf_addch(b, blank ? blank : *s);
		else
			for (size_t i = 0; i < step; i++)
				buf_addf(b, "\\x%02x", (unsigned char)s[i]);
		s += step;
		n -= step;
	}
}

void text_add_visible(struct buf *b, const char *s)
{
	text_add_printable(b, s, ' ');
}

void text_add_lines(struct buf *b, const char *s)
{
	text_add_printable(b, s, '\0');
}

static void text_add_json_escape(struct buf *b, uint32_t c)
{
	if (c > 0xffff)
		buf_addf(b, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
	else
		buf_addf(b, "\\u%04x", c);
}

void text_add_json(struct buf *b, const char *s)
{
	size_t n = strlen(s);

	while (n) {
		uint32_t c = 0;
		size_t len = text_decode(s, n, &c), step = len ? len : 1;

		if (!len)
			text_add_json_escape(b, 0xfffd);
		else if (text_is_visible(c) || c == '\n')
			buf_add(b, s, len);
		else
			text_add_json_escape(b, c);
		s += step;
		n -= step;
	}
}
