/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/entry.h"

#include <string.h>

#include "base/alloc.h"

void entry_release(struct entry *e)
{
	free(e->deps);
	*e = (struct entry){ 0 };
}

static void entry_add_number(struct buf *b, uint32_t n)
{
	unsigned char bytes[4] = { (unsigned char)n, (unsigned char)(n >> 8),
				   (unsigned char)(n >> 16), (unsigned char)(n >> 24) };

	buf_add(b, bytes, sizeof(bytes));
}

static uint32_t entry_number_at(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The number before the text is its length plus one, or 0 if there is no text. */
static void entry_add_text(struct buf *b, const struct entry_text *t)
{
	entry_add_number(b, t->s ? (uint32_t)t->len + 1 : 0);
	if (t->s)
		buf_add(b, t->s, t->len);
}

void entry_print(const struct entry *e, struct buf *b)
{
	entry_add_text(b, &e->key);
	entry_add_text(b, &e->release);
	entry_add_number(b, e->status);
	entry_add_text(b, &e->output);
	entry_add_text(b, &e->depfile);
	entry_add_text(b, &e->out);
	entry_add_text(b, &e->err);
	entry_add_number(b, (uint32_t)e->n_deps);
	for (size_t i = 0; i < e->n_deps; i++) {
		buf_add(b, e->deps[i].hash, SHA256_SIZE);
		entry_add_text(b, &e->deps[i].path);
	}
}

struct entry_reader {
	const char *at;
	size_t left;
	bool bad;
};

static const char *entry_take(struct entry_reader *r, size_t n)
{
	const char *p = r->at;

	if (r->bad || n > r->left) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	r->left -= n;
	return p;
}

static uint32_t entry_take_number(struct entry_reader *r)
{
	const char *p = entry_take(r, 4);

	return p ? entry_number_at((const unsigned char *)p) : 0;
}

static void entry_take_text(struct entry_reader *r, struct entry_text *ret)
{
	uint32_t n = entry_take_number(r);

	*ret = (struct entry_text){ NULL, 0 };
	if (!n)
		return;
	ret->s = entry_take(r, n - 1);
	ret->len = n - 1;
}

bool entry_parse(const char *body, size_t len, struct entry *ret)
{
	AUTO_ENTRY struct entry e = { 0 };
	struct entry_reader r = { body, len, false };
	uint32_t n;

	entry_take_text(&r, &e.key);
	entry_take_text(&r, &e.release);
	e.status = entry_take_number(&r);
	entry_take_text(&r, &e.output);
	entry_take_text(&r, &e.depfile);
	entry_take_text(&r, &e.out);
	entry_take_text(&r, &e.err);
	n = entry_take_number(&r);
	/* Each needs at least these bytes. */
	if (r.bad || n > r.left / (SHA256_SIZE + 4) || !e.key.s || !e.release.s)
		return false;
	e.deps = xcalloc(n, sizeof(*e.deps));
	for (; e.n_deps < n && !r.bad; e.n_deps++) {
		const char *hash = entry_take(&r, SHA256_SIZE);

		if (hash)
			memcpy(e.deps[e.n_deps].hash, hash, SHA256_SIZE);
		entry_take_text(&r, &e.deps[e.n_deps].path);
		r.bad = r.bad || !e.deps[e.n_deps].path.s;
	}
	if (r.bad || r.left)
		return false;
	*ret = e;
	e = (struct entry){ 0 };
	return true;
}

static void entry_hash(const void *data, size_t len, unsigned char ret[SHA256_SIZE])
{
	struct sha256 h;

	sha256_begin(&h);
	sha256_add(&h, data, len);
	sha256_end(&h, ret);
}

void entry_seal(const void *packed, size_t len, size_t body_size, struct buf *b)
{
	AUTO_BUF struct buf sealed = BUF_INIT;
	unsigned char hash[SHA256_SIZE];

	entry_add_number(&sealed, (uint32_t)body_size);
	buf_add(&sealed, packed, len);
	entry_hash(sealed.s, sealed.len, hash);
	buf_add(b, ENTRY_MAGIC, sizeof(ENTRY_MAGIC) - 1);
	buf_add(b, hash, sizeof(hash));
	buf_add(b, sealed.s, sealed.len);
}

bool entry_sealed(const void *file, size_t len, size_t *ret_size)
{
	const unsigned char *p = file;
	const size_t magic = sizeof(ENTRY_MAGIC) - 1;
	unsigned char hash[SHA256_SIZE];
	size_t size;

	if (len < ENTRY_SEAL || len > ENTRY_MAX || memcmp(p, ENTRY_MAGIC, magic) != 0)
		return false;
	entry_hash(p + magic + SHA256_SIZE, len - magic - SHA256_SIZE, hash);
	size = entry_number_at(p + magic + SHA256_SIZE);
	if (memcmp(p + magic, hash, sizeof(hash)) != 0 || size > ENTRY_MAX)
		return false;
	if (ret_size)
		*ret_size = size;
	return true;
}
