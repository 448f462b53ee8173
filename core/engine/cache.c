/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/cache.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/statefile.h"
#include "engine/treepath.h"
#include "model/lines.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "sys/looks.h"

#define SETTLE_NS   INT64_C(2000000000)
#define MAX_ENTRIES 1000 /* entries; if there are more, unused ones are dropped */
#define MAX_BYTES   (16 * 1024 * 1024)

static int64_t stamp_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

void stamp_begin(struct stamp *s)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*s = (struct stamp){ .begun_ns = stamp_ns(&now), .newest_ns = INT64_MIN };
	digest_begin(&s->digest);
}

void stamp_add(struct stamp *s, const char *name, const struct stat *st)
{
	uint64_t facts[7] = { 0 };

	digest_add_string(&s->digest, name);
	if (st) {
		int64_t changed = stamp_ns(&st->st_ctim);

		facts[0] = (uint64_t)st->st_size;
		facts[1] = (uint64_t)stamp_ns(&st->st_mtim);
		facts[2] = (uint64_t)changed;
		facts[3] = looks_lasting_inode(st);
		facts[4] = looks_lasting_device(st);
		facts[5] = (uint64_t)st->st_mode;
		facts[6] = 1;
		if (changed > s->newest_ns)
			s->newest_ns = changed;
	}
	digest_add(&s->digest, facts, sizeof(facts));
}

void stamp_end(struct stamp *s)
{
	digest_end(&s->digest, s->hex);
}

static void cache_add(struct cache *c, const char *key, const char *stamp, const char *value,
		      bool used)
{
	struct cache_entry entry = { xstrdup(key), xstrdup(stamp), xstrdup(value), used };

	VEC_PUSH(c->entries, c->n, entry);
	names_add(&c->keys, entry.key);
}

static void cache_entry_release(struct cache_entry *e)
{
	free(e->key);
	free(e->stamp);
	free(e->value);
}

static void cache_clear(struct cache *c)
{
	names_release(&c->keys);
	for (size_t i = 0; i < c->n; i++)
		cache_entry_release(&c->entries[i]);
	c->n = 0;
}

void cache_release(struct cache *c)
{
	cache_clear(c);
	free(c->entries);
	free(c->name);
	*c = (struct cache){ 0 };
}

static bool cache_has_text(const char *name)
{
	return strcmp(name, CACHE_INITRAMFS) == 0 || strcmp(name, CACHE_VERIFY) == 0;
}

static const char *cache_parse_line(const struct strv *w, void *data)
{
	const struct cache *c = data;

	if (w->n != 4 || strcmp(w->v[0], "hash") != 0 || !lines_digest(w->v[2]) ||
	    (!cache_has_text(c->name) && !lines_digest(w->v[3])))
		return "not a hash";
	cache_add(data, w->v[1], w->v[2], w->v[3], false);
	return NULL;
}

static int cache_read(const struct engine *e, const char *name, struct cache *ret, struct err *err)
{
	AUTO_FREE char *path = tree_cache_path(e, name);
	AUTO_BUF struct buf text = BUF_INIT;
	int r = statefile_read(e, path, MAX_BYTES, &text, err);

	if (r == 0)
		r = lines_parse(text.s, "cache", cache_parse_line, ret, err);
	return r;
}

int cache_check(const struct engine *e, const char *name, struct err *err)
{
	AUTO_CACHE struct cache c = { .name = xstrdup(name) };

	return cache_read(e, name, &c, err);
}

void cache_load(const struct engine *e, const char *name, struct cache *ret)
{
	AUTO_ERR struct err err = ERR_INIT;
	int r;

	*ret = (struct cache){ .name = xstrdup(name), .settle_ns = SETTLE_NS };
	r = cache_read(e, name, ret, &err);
	if (r == 0 || r == -ENOENT)
		return;
	log_debug("The cache %s: %s; it is made again", name, err.text);
	cache_clear(ret);
	ret->dirty = true;
}

static struct cache_entry *cache_find(struct cache *c, const char *key)
{
	size_t i = names_first(&c->keys, key);

	return i == NAMES_NONE ? NULL : &c->entries[i];
}

const char *cache_get(struct cache *c, const char *key, const struct stamp *s)
{
	struct cache_entry *e = c ? cache_find(c, key) : NULL;

	if (!e || strcmp(e->stamp, s->hex) != 0)
		return NULL;
	e->used = true;
	return e->value;
}

void cache_put(struct cache *c, const char *key, const struct stamp *s, const char *value)
{
	struct cache_entry *e;

	if (!c || s->newest_ns > s->begun_ns - c->settle_ns)
		return;
	e = cache_find(c, key);
	if (e) {
		free(e->stamp);
		free(e->value);
		*e = (struct cache_entry){ e->key, xstrdup(s->hex), xstrdup(value), true };
	} else {
		cache_add(c, key, s->hex, value, true);
	}
	c->dirty = true;
}

static void cache_print(const struct cache *c, struct buf *b)
{
	buf_adds(b, "dkms-cache 1\n");
	for (size_t i = 0; i < c->n; i++) {
		const struct cache_entry *e = &c->entries[i];

		if (c->n > MAX_ENTRIES && !e->used)
			continue;
		buf_adds(b, "hash");
		lines_add_word(b, e->key);
		lines_add_word(b, e->stamp);
		lines_add_word(b, e->value);
		buf_addch(b, '\n');
	}
	buf_adds(b, "end\n");
}

int cache_store(const struct engine *e, struct cache *c)
{
	AUTO_FREE char *dir = tree_cache_dir(e);
	AUTO_FREE char *path = tree_cache_path(e, c->name);
	AUTO_BUF struct buf text = BUF_INIT;
	int r;

	if (!c->dirty)
		return 0;
	cache_print(c, &text);
	r = fs_mkdir_p(&e->root, dir);
	if (r == 0)
		r = atomic_write_file(&e->root, path, text.s, text.len, 0644);
	if (r == 0)
		c->dirty = false;
	return r;
}
