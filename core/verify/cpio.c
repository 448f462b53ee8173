/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/cpio.h"

#include <string.h>

enum {
	HEADER = 110,
	NAME_MAX_ = 4096,
	CONTENT_MAX = 64 << 20, /* no module is larger; a larger file is not kept */
};

/* Fields of a header: eight hex digits each, after the magic number. */
enum { FIELD_SIZE = 6, FIELD_NAME_SIZE = 11 };

void cpio_begin(struct cpio *c, cpio_wants_fn wants, cpio_fn fn, void *arg)
{
	*c = (struct cpio){ .wants = wants,
			    .fn = fn,
			    .arg = arg,
			    .state = CPIO_PADDING,
			    .part = BUF_INIT,
			    .path = BUF_INIT,
			    .content = BUF_INIT };
}

void cpio_release(struct cpio *c)
{
	buf_release(&c->part);
	buf_release(&c->path);
	buf_release(&c->content);
}

void cpio_next_part(struct cpio *c)
{
	c->state = CPIO_PADDING;
	c->offset = 0;
	c->whole = false;
	buf_reset(&c->part);
}

static bool cpio_field(const struct cpio *c, size_t number, uint64_t *ret)
{
	const char *p = c->part.s + 6 + 8 * number;
	uint64_t n = 0;

	for (size_t i = 0; i < 8; i++) {
		const char *digits = "0123456789abcdef", *at = strchr(digits, p[i] | 0x20);

		if (!p[i] || !at)
			return false;
		n = n << 4 | (uint64_t)(at - digits);
	}
	*ret = n;
	return true;
}

static void cpio_take_header(struct cpio *c)
{
	uint64_t name;

	if (!cpio_field(c, FIELD_SIZE, &c->size) || !cpio_field(c, FIELD_NAME_SIZE, &name) ||
	    name == 0 || name > NAME_MAX_) {
		c->state = CPIO_STOPPED;
		return;
	}
	c->whole = false;
	/* The name is padded so that header and name have a multiple of four bytes. */
	c->left = name + (4 - (HEADER + name) % 4) % 4;
	c->state = CPIO_NAME;
	buf_reset(&c->part);
}

static void cpio_end_file(struct cpio *c)
{
	if (c->wanted)
		c->fn(c->path.s, &c->content, c->arg);
	c->wanted = false;
	buf_reset(&c->content);
	c->state = CPIO_PADDING;
}

static void cpio_take_name(struct cpio *c)
{
	buf_reset(&c->path);
	buf_adds(&c->path, c->part.s);
	buf_reset(&c->part);
	if (strcmp(c->path.s, "TRAILER!!!") == 0)
		c->whole = true;
	c->wanted = c->size <= CONTENT_MAX && c->wants(c->path.s, c->arg);
	c->left = c->size;
	c->state = CPIO_DATA;
	if (!c->left)
		cpio_end_file(c);
}

/* Skip the zeros before the next header or compressed part.  Neither begins with a zero. */
static size_t cpio_skip(struct cpio *c, const char *data, size_t len)
{
	size_t n = 0;

	while (n < len && !data[n])
		n++;
	if (n < len)
		c->state = CPIO_HEADER;
	return n;
}

/* Collect up to `wanted` bytes in c->part. */
static size_t cpio_collect(struct cpio *c, const char *data, size_t len, size_t wanted)
{
	size_t n = wanted - c->part.len;

	n = n < len ? n : len;
	buf_add(&c->part, data, n);
	return n;
}

static bool cpio_is_header(const struct buf *part)
{
	size_t n = part->len < 5 ? part->len : 5;

	if (memcmp(part->s, "07070", n) != 0)
		return false;
	return part->len < 6 || part->s[5] == '1' || part->s[5] == '2';
}

static size_t cpio_feed_header(struct cpio *c, const char *data, size_t len)
{
	size_t before = c->part.len, n = cpio_collect(c, data, len, HEADER);

	if (!cpio_is_header(&c->part)) {
		/*
		 * A compressed part begins here.  Count none of its bytes, not even those of the
		 * last piece, so that c->offset is its beginning.
		 */
		c->state = CPIO_STOPPED;
		c->offset -= before;
		buf_reset(&c->part);
		return 0;
	}
	if (c->part.len == HEADER)
		cpio_take_header(c);
	return n;
}

static size_t cpio_feed_data(struct cpio *c, const char *data, size_t len)
{
	size_t n = c->left < len ? (size_t)c->left : len;

	if (c->wanted)
		buf_add(&c->content, data, n);
	c->left -= n;
	if (!c->left)
		cpio_end_file(c);
	return n;
}

static size_t cpio_step(struct cpio *c, const char *data, size_t len)
{
	size_t n;

	switch (c->state) {
	case CPIO_PADDING: return cpio_skip(c, data, len);
	case CPIO_HEADER: return cpio_feed_header(c, data, len);
	case CPIO_DATA: return cpio_feed_data(c, data, len);
	case CPIO_NAME:
		n = cpio_collect(c, data, len, (size_t)c->left);
		if (c->part.len == c->left)
			cpio_take_name(c);
		return n;
	default: return 0;
	}
}

size_t cpio_feed(struct cpio *c, const char *data, size_t len)
{
	size_t used = 0;

	while (used < len && c->state != CPIO_STOPPED) {
		size_t n = cpio_step(c, data + used, len - used);

		used += n;
		c->offset += n;
	}
	return used;
}
