/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cache - hashes that are remembered as long as stat(2) says "unchanged".
 *
 *	cache_load(e, "sources", &c);
 *	stamp_begin(&s); stamp_add(&s, name, &st); ... stamp_end(&s);
 *	value = cache_get(&c, key, &s);		NULL: work it out, then
 *	cache_put(&c, key, &s, value);
 *	cache_store(e, &c);			only where writing is allowed
 *
 * One file <dkms_tree>/.native/cache/NAME a cache, in the frame of lines.h;
 * a missing or damaged one is an empty one, for it can be made again.
 *
 * A stamp covers size, mtime, ctime, inode, device and mode.  A file changed twice within one tick
 * of the file system's clock looks unchanged, so what was touched less than settle_ns before the
 * stamp was begun is not remembered.
 */
#include <sys/stat.h>

#include "engine/digest.h"
#include "engine/engine.h"

/* The one cache whose values are texts: the modules of an image.  Those of others are hashes. */
#define CACHE_INITRAMFS "initramfs"

struct cache_entry {
	char *key, *stamp, *value;
	bool used; /* asked for or made in this run */
};

struct cache {
	char *name;
	struct cache_entry *entries;
	size_t n;
	bool dirty;
	int64_t settle_ns; /* 2 s; tests make it 0 */
};
#define AUTO_CACHE CLEANUP(cache_release)

struct stamp {
	struct digest digest;
	int64_t begun_ns, newest_ns; /* since the epoch */
	char hex[DIGEST_HEX];
};

void stamp_begin(struct stamp *s);
/* st NULL: what is not there. */
void stamp_add(struct stamp *s, const char *name, const struct stat *st);
void stamp_end(struct stamp *s);

void cache_load(const struct engine *e, const char *name, struct cache *ret);
/* Can it be read?  -ENOENT: there is none; -E_CORRUPT: damaged; else -errno. */
int cache_check(const struct engine *e, const char *name, struct err *err) MUST_CHECK;
void cache_release(struct cache *c);
/* NULL when not known or no longer true.  c may be NULL. */
const char *cache_get(struct cache *c, const char *key, const struct stamp *s);
/* c may be NULL: nothing is remembered. */
void cache_put(struct cache *c, const char *key, const struct stamp *s, const char *value);
/* Writes if there is something new.  Past a thousand entries those not used in this run go. */
int cache_store(const struct engine *e, struct cache *c) MUST_CHECK;
