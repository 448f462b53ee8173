/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "engine/treepath.h"
#include "replay/entry.h"
#include "replay/room.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/harvest.h"
#include "sys/lock.h"

#define LOG_MAX	    ((size_t)16 << 20)
#define KEY_LEN	    ((size_t)2 * SHA256_SIZE)
#define ENTRIES_MAX 100000U /* that one build can leave */
#define FRESH	    ".new"

static bool store_is_key(const char *s)
{
	return strspn(s, "0123456789abcdef") == KEY_LEN;
}

/* "KEY.N" */
static bool store_is_entry(const char *s)
{
	return store_is_key(s) && s[KEY_LEN] == '.' && s[KEY_LEN + 1] >= '0' &&
	       s[KEY_LEN + 1] < '0' + ROOM_SLOTS && !s[KEY_LEN + 2];
}

static char *store_entry_path(const char *store, const char *key, const char *name)
{
	return xasprintf("%s/%.2s/%s", store, key, name);
}

static bool store_is_whole(const struct engine *e, const char *path)
{
	AUTO_BUF struct buf b = BUF_INIT;

	return fs_read(&e->root, path, ENTRY_MAX, &b) == 0 && entry_sealed(b.s, b.len, NULL);
}

/*
 * When an entry was used last.  A time in the future says nothing: it must not keep an entry for
 * ever.
 */
static int64_t store_used(const struct stat *st)
{
	return st->st_mtim.tv_sec > time(NULL) ? 0 : fs_mtime_ns(st);
}

static uint64_t store_max(const struct engine *e)
{
	return (uint64_t)settings_number(&e->settings, SET_REPLAY_SIZE) << 20;
}

/* ---- take ---- */

/* Times say when an entry was used last. */
static void store_touch(const struct engine *e, const char *path)
{
	const char *name;
	AUTO_FD int dir = root_open_parent(&e->root, path, &name);

	if (dir < 0)
		return;
	/* If the time stays wrong, another entry is removed first, and nothing else changes. */
	if (utimensat(dir, name, NULL, AT_SYMLINK_NOFOLLOW) < 0)
		errno = 0;
}

/* The place for a new entry: an unused one, or that which was used longest ago.  Caller frees. */
static char *store_choose_slot(const struct engine *e, const char *store, const char *key)
{
	char *oldest = NULL;
	int64_t when = 0;

	for (int i = 0; i < ROOM_SLOTS; i++) {
		AUTO_FREE char *name = xasprintf("%s.%d", key, i);
		AUTO_FREE char *path = store_entry_path(store, key, name);
		struct stat st;

		if (fs_lstat(&e->root, path, &st) == 0 && oldest && store_used(&st) >= when)
			continue;
		free(oldest);
		oldest = TAKE(path);
		if (fs_lstat(&e->root, oldest, &st) < 0)
			return oldest;
		when = store_used(&st);
	}
	return oldest;
}

static int store_forget(const struct engine *e, const char *store, const char *key)
{
	int r = 0;

	for (int i = 0; i < ROOM_SLOTS && r == 0; i++) {
		AUTO_FREE char *name = xasprintf("%s.%d", key, i);
		AUTO_FREE char *path = store_entry_path(store, key, name);

		r = fs_unlink(&e->root, path);
	}
	return r;
}

/* What one build leaves, and how much of it may still be copied. */
struct store_taking {
	const struct engine *e;
	const char *store, *new;
	uint64_t left;
	bool anew;
};

/*
 * Copy a file of the room to `fresh`.  Its times are not the build's to choose.  Returns -EFBIG and
 * the like if the build has spoiled it.
 */
static int store_copy(struct store_taking *t, const char *key, const char *fresh)
{
	const struct root *root = &t->e->root;
	struct stat st;
	int r = harvest_file(root, t->new, key, fresh, t->left < ENTRY_MAX ? t->left : ENTRY_MAX);

	if (r == 0)
		r = fs_lstat(root, fresh, &st);
	if (r < 0)
		return r;
	t->left -= (uint64_t)st.st_size < t->left ? (uint64_t)st.st_size : t->left;
	store_touch(t->e, fresh);
	return 0;
}

static int store_take_entry(struct store_taking *t, const char *key)
{
	const struct engine *e = t->e;
	const char *store = t->store;
	AUTO_FREE char *fresh = xasprintf("%s/" FRESH, store);
	AUTO_FREE char *place = NULL, *folder = NULL;
	int r = fs_unlink(&e->root, fresh);

	if (r == 0)
		r = store_copy(t, key, fresh);
	/* What a build has spoiled is left where it is, and goes with the room. */
	if (r < 0)
		return harvest_problem(r) ? 0 : r;
	if (!store_is_whole(e, fresh))
		return fs_unlink(&e->root, fresh);
	if (t->anew)
		r = store_forget(e, store, key);
	place = store_choose_slot(e, store, key);
	folder = path_parent(place);
	if (r == 0)
		r = fs_mkdir_p(&e->root, folder);
	return r < 0 ? r : fs_rename(&e->root, fresh, place);
}

/* Count the calls, and note which entries were used. */
static void store_read_log(const struct engine *e, const char *store, const char *new,
			   struct calls *ret)
{
	AUTO_FREE char *path = xasprintf("%s/" ROOM_LOG, new);
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;
	struct stat st;

	/* No link is followed: the folder is the build's. */
	if (fs_lstat(&e->root, path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    fs_read(&e->root, path, LOG_MAX, &text) < 0)
		return;
	strv_split(&lines, text.s, "\n");
	STRV_FOREACH (line, &lines) {
		const char *name = strchr(line, ' ');

		ret->compiled += str_begins(line, ROOM_COMPILED " ");
		ret->replayed += str_begins(line, ROOM_REPLAYED " ");
		if (name && store_is_entry(name + 1)) {
			AUTO_FREE char *entry = store_entry_path(store, name + 1, name + 1);

			store_touch(e, entry);
		}
	}
}

int store_take(const struct engine *e, const char *name, const char *room, bool anew,
	       struct calls *ret)
{
	AUTO_FREE char *store = tree_compiled_of(e, name), *lock_path = tree_compiled_lock(e);
	AUTO_FREE char *new = xasprintf("%s/" ROOM_NEW, room);
	struct store_taking taking = { e, store, new, store_max(e) / 4, anew };
	AUTO_STRV struct strv names = STRV_INIT;
	struct lock lock = LOCK_INIT;
	unsigned int n = 0;
	const char *key;
	int r;

	*ret = (struct calls){ .counted = true };
	store_read_log(e, store, new, ret);
	r = fs_list(&e->root, new, &names);
	if (r == 0)
		r = fs_mkdir_p(&e->root, store);
	if (r == 0)
		r = lock_take(&lock, &e->root, lock_path, "keeping what was compiled", LOCK_END,
			      NULL, NULL, NULL);
	if (r < 0)
		return r;
	STRV_FOREACH (key, &names) {
		if (r == 0 && store_is_key(key) && !key[KEY_LEN] && n++ < ENTRIES_MAX)
			r = store_take_entry(&taking, key);
	}
	lock_release(&lock);
	return r;
}

/* ---- all of it ---- */

struct store_file {
	char *path;
	uint64_t size;
	int64_t used;
};

struct store_all {
	const char *folder;
	struct store_file *files;
	size_t n;
	uint64_t bytes;
};

static void store_all_release(struct store_all *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->files[i].path);
	free(a->files);
}

static int store_all_add(const char *rel, const struct stat *st, void *data)
{
	struct store_all *a = data;
	struct store_file f;

	if (S_ISDIR(st->st_mode))
		return 0;
	f = (struct store_file){ xasprintf("%s/%s", a->folder, rel), (uint64_t)st->st_size,
				 store_used(st) };
	a->bytes += f.size;
	VEC_PUSH(a->files, a->n, f);
	return 0;
}

/* All that can be listed. */
static void store_list(const struct engine *e, const char *folder, struct store_all *ret)
{
	*ret = (struct store_all){ .folder = folder };
	if (fs_walk(&e->root, folder, store_all_add, ret) < 0)
		return;
}

static int store_by_use(const void *a, const void *b)
{
	const struct store_file *x = a, *y = b;

	return x->used < y->used ? -1 : x->used > y->used;
}

void store_trim(const struct engine *e)
{
	AUTO_FREE char *folder = tree_compiled_dir(e), *lock_path = tree_compiled_lock(e);
	uint64_t max = store_max(e);
	CLEANUP(store_all_release) struct store_all all = { 0 };
	struct lock lock = LOCK_INIT;

	store_list(e, folder, &all);
	if (all.bytes <= max || lock_take(&lock, &e->root, lock_path, "removing what was compiled",
					  LOCK_END, NULL, NULL, NULL) < 0)
		return;
	qsort(all.files, all.n, sizeof(*all.files), store_by_use);
	/*
	 * Remove an eighth more than is needed, so that the next build need not do the same again.
	 */
	for (size_t i = 0; i < all.n && all.bytes > max - max / 8; i++) {
		if (fs_unlink(&e->root, all.files[i].path) == 0)
			all.bytes -= all.files[i].size;
	}
	lock_release(&lock);
}

int store_forget_module(const struct engine *e, const char *name)
{
	AUTO_FREE char *folder = tree_compiled_of(e, name), *lock_path = tree_compiled_lock(e);
	struct lock lock = LOCK_INIT;
	int r;

	if (!fs_exists(&e->root, folder))
		return 0;
	r = lock_take(&lock, &e->root, lock_path, "removing what was compiled", LOCK_END, NULL,
		      NULL, NULL);
	if (r < 0)
		return r;
	r = fs_remove_tree(&e->root, folder);
	lock_release(&lock);
	return r;
}

void store_measure(const struct engine *e, struct store_size *ret)
{
	AUTO_FREE char *folder = tree_compiled_dir(e);
	CLEANUP(store_all_release) struct store_all all = { 0 };

	store_list(e, folder, &all);
	*ret = (struct store_size){ all.n, all.bytes };
}

void store_check(const struct engine *e, struct strv *ret)
{
	AUTO_FREE char *folder = tree_compiled_dir(e);
	CLEANUP(store_all_release) struct store_all all = { 0 };

	store_list(e, folder, &all);
	for (size_t i = 0; i < all.n; i++) {
		const char *name = strrchr(all.files[i].path, '/') + 1;

		/*
		 * FRESH is being written, or a run that was killed has left it, and the next run
		 * removes it.
		 */
		if (strcmp(name, FRESH) != 0 &&
		    (!store_is_entry(name) || !store_is_whole(e, all.files[i].path)))
			strv_add(ret, all.files[i].path);
	}
}

int store_drop(const struct engine *e, const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	return store_is_entry(name) && store_is_whole(e, path) ? 0 : fs_unlink(&e->root, path);
}
