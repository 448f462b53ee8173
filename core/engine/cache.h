/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cache - values computed from files, remembered as long as stat(2) says "unchanged".
 *
 *	cache_load(e, "sources", &c);
 *	stamp_begin(&s); stamp_add(&s, name, &st); ... stamp_end(&s);
 *	value = cache_get(&c, key, &s);
 *	cache_put(&c, key, &s, value);		if value was NULL and has been computed
 *	cache_store(e, &c);			only where writing is allowed
 *
 * Each cache is a file, <dkms_tree>/.native/cache/NAME, in the format of model/lines.h.  A missing
 * or damaged file counts as an empty cache, because all of it can be computed again.
 *
 * A stamp covers the name, size, mtime, ctime and mode of each file, and its lasting inode and device
 * (sys/looks.h).  A file that changes twice within one tick of the file system's clock looks unchanged after
 * the second change.  So a value is not remembered if one of its files changed (ctime) less than
 * settle_ns before stamp_begin().
 */
#include <sys/stat.h>

#include "base/names.h"
#include "engine/digest.h"
#include "engine/engine.h"

/*
 * The two caches whose values are text: the modules in an image, and what dkms verify has found.
 * All others hold hashes.
 */
#define CACHE_INITRAMFS "initramfs"
#define CACHE_VERIFY	"verify"

struct cache_entry {
	char *key, *stamp, *value;
	bool used; /* read or written in this run */
};

struct cache {
	char *name;
	struct cache_entry *entries;
	size_t n;
	struct names keys; /* of entries */
	bool dirty;	   /* differs from the file */
	int64_t settle_ns; /* 2 s; tests set it to 0 */
};
#define AUTO_CACHE CLEANUP(cache_release)

struct stamp {
	struct digest digest;
	int64_t begun_ns, newest_ns; /* since 1970: time of stamp_begin(), newest ctime of files */
	char hex[DIGEST_HEX];
};

void stamp_begin(struct stamp *s);
/* Add a file to the stamp.  Pass NULL for st if the file does not exist. */
void stamp_add(struct stamp *s, const char *name, const struct stat *st);
void stamp_end(struct stamp *s);

void cache_load(const struct engine *e, const char *name, struct cache *ret);
/* Can the cache's file be read?  Returns 0, -ENOENT, -E_CORRUPT (damaged) or -errno. */
int cache_check(const struct engine *e, const char *name, struct err *err) MUST_CHECK;
void cache_release(struct cache *c);
/*
 * The value stored for `key` and the stamp *s; NULL: there is none.  c owns the value; it is valid
 * until the next cache_put() or cache_release().  c may be NULL.
 */
const char *cache_get(struct cache *c, const char *key, const struct stamp *s);
/* Remember copies of `key` and `value`.  If c is NULL, nothing is remembered. */
void cache_put(struct cache *c, const char *key, const struct stamp *s, const char *value);
/*
 * Write the cache's file if something changed.  If the cache has more than a thousand entries, drop
 * those that this run did not use.
 */
int cache_store(const struct engine *e, struct cache *c) MUST_CHECK;
