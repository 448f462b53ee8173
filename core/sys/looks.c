/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/looks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sys/fd.h"

#define LOOKS_MAX 200000 /* a command that looks at more files is not remembered */

static int64_t looks_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

struct look_facts looks_facts(enum look_kind kind, int code, const struct stat *st)
{
	if (code < 0)
		return (struct look_facts){ { 0, (uint64_t)-code } };
	if (kind == LOOK_TYPE)
		return (struct look_facts){ { st->st_mode & S_IFMT } };
	return (struct look_facts){ {
		st->st_mode,
		looks_lasting_device(st),
		looks_lasting_inode(st),
		(uint64_t)st->st_uid << 32 | st->st_gid,
		(uint64_t)st->st_size,
		(uint64_t)looks_ns(&st->st_mtim),
		(uint64_t)looks_ns(&st->st_ctim),
		1,
	} };
}

void looks_release(struct looks *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].path);
	free(l->v);
	*l = (struct looks){ 0 };
}

/* Takes ownership of path. */
static void looks_add(struct looks *l, enum look_kind kind, char *path, int code,
		      const struct stat *st)
{
	struct look look = { kind, path, looks_facts(kind, code, st) };

	l->blind |= l->n == LOOKS_MAX || strchr(path, '\n') != NULL;
	if (l->blind) {
		free(path);
		return;
	}
	VEC_PUSH(l->v, l->n, look);
	if (code == 0 && kind != LOOK_TYPE && looks_ns(&st->st_ctim) > l->newest_ns)
		l->newest_ns = looks_ns(&st->st_ctim);
}

void looks_note(struct looks *l, enum look_kind kind, const char *path, int code,
		const struct stat *st)
{
	if (l)
		looks_add(l, kind, xstrdup(path), code, st);
}

void looks_note_at(struct looks *l, enum look_kind kind, const char *folder, const char *rest,
		   int code, const struct stat *st)
{
	if (l)
		looks_add(l, kind, xasprintf("%s/%s", folder, rest), code, st);
}

void looks_blind(struct looks *l)
{
	if (l)
		l->blind = true;
}

/* ---- what follows from the rest ---- */

/* '/' is the least of all letters, so that a folder comes just before what is in it. */
static int looks_compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b)
		return 0;
	if (!*a || !*b)
		return *a ? 1 : -1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int looks_compare(const void *pa, const void *pb)
{
	const struct look *a = pa, *b = pb;
	int r = looks_compare_paths(a->path, b->path);

	return r ? r : (int)a->kind - (int)b->kind;
}

static mode_t look_type(const struct look *l)
{
	return (mode_t)l->facts.v[0] & S_IFMT;
}

static bool looks_same_facts(const struct look *a, const struct look *b)
{
	return memcmp(&a->facts, &b->facts, sizeof(a->facts)) == 0;
}

/* If there are several looks of one kind at one path, keep the first. */
static void looks_drop_repeated(struct looks *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct look *last = n ? &l->v[n - 1] : NULL;

		if (!last || looks_compare(last, &l->v[i]) != 0) {
			l->v[n++] = l->v[i];
			continue;
		}
		l->blind |= !looks_same_facts(last, &l->v[i]);
		free(l->v[i].path);
	}
	l->n = n;
}

/* The first look at the path; NULL: there is none. */
static const struct look *looks_find(const struct looks *l, const char *path)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (looks_compare_paths(l->v[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->n && strcmp(l->v[low].path, path) == 0 ? &l->v[low] : NULL;
}

/* Was the identity of the folder that holds the path seen? */
static bool looks_has_parent(const struct looks *l, const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *folder = slash ? xstrndup(path, (size_t)(slash - path)) : NULL;
	const struct look *parent = folder && *folder ? looks_find(l, folder) : NULL;

	return parent && parent->kind != LOOK_TYPE && look_type(parent) == S_IFDIR;
}

static bool looks_is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && path[n] == '/';
}

/* Is there something in the folder of look i? */
static bool looks_has_child(const struct looks *l, size_t i)
{
	for (size_t k = i + 1; k < l->n; k++) {
		if (strcmp(l->v[k].path, l->v[i].path) != 0 &&
		    !looks_is_below(l->v[k].path, l->v[i].path))
			return false;
		if (look_type(&l->v[k]) && looks_is_below(l->v[k].path, l->v[i].path))
			return true;
	}
	return false;
}

/* Does look i follow from others?  Looks at one path are sorted by kind: f, l, t. */
static bool looks_follows(const struct looks *l, size_t i)
{
	const struct look *look = &l->v[i], *next = i + 1 < l->n ? look + 1 : NULL;

	switch (look->kind) {
	case LOOK_FILE:
		return next && next->kind == LOOK_LINK && look_type(look) &&
		       strcmp(next->path, look->path) == 0 && looks_same_facts(look, next);
	case LOOK_LINK:
		return (look->facts.v[1] == ENOENT && !look_type(look)) ||
				       look_type(look) == S_IFLNK
			       ? looks_has_parent(l, look->path)
			       : false;
	case LOOK_TYPE:
		next = looks_find(l, look->path);
		if (next->kind == LOOK_FILE)
			return look_type(next) && look_type(next) == look_type(look);
		return look_type(look) == S_IFDIR && looks_has_child(l, i);
	}
	return false;
}

void looks_settle(struct looks *l)
{
	bool *follows;
	size_t n = 0;

	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), looks_compare);
	looks_drop_repeated(l);
	follows = xcalloc(l->n, sizeof(*follows));
	for (size_t i = 0; i < l->n; i++)
		follows[i] = looks_follows(l, i);
	for (size_t i = 0; i < l->n; i++) {
		if (follows[i])
			free(l->v[i].path);
		else
			l->v[n++] = l->v[i];
	}
	free(follows);
	l->n = n;
}

/* ---- looking again ---- */

#define AHEAD 64 /* a folder that this many paths have in common is worth a descriptor */

void looks_again_release(struct looks_again *a)
{
	fd_closep(&a->fd);
	free(TAKE(a->folder));
}

/* Open the longest folder that both paths have in common. */
static void looks_open_common(struct looks_again *a, const char *path, const char *other)
{
	size_t folder = 0;

	looks_again_release(a);
	for (size_t n = 0; path[n] && path[n] == other[n]; n++) {
		if (path[n] == '/')
			folder = n;
	}
	if (!folder)
		return;
	a->folder = xstrndup(path, folder);
	a->fd = open(a->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (a->fd < 0)
		looks_again_release(a);
}

struct look_facts looks_look_again(struct looks_again *a, enum look_kind kind,
				   const char *const *paths, size_t n, size_t i)
{
	const char *path = paths[i];
	int flags = kind == LOOK_LINK ? AT_SYMLINK_NOFOLLOW : 0, code;
	struct stat st;

	if (!(a->folder && looks_is_below(path, a->folder)) && i + AHEAD < n)
		looks_open_common(a, path, paths[i + AHEAD]);
	if (a->folder && looks_is_below(path, a->folder))
		code = fstatat(a->fd, path + strlen(a->folder) + 1, &st, flags);
	else
		code = fstatat(AT_FDCWD, path, &st, flags);
	return looks_facts(kind, code < 0 ? -errno : 0, &st);
}
