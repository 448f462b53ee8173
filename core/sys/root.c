/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "sys/fd.h"
#include "sys/looks.h"

enum { LINKS_MAX = 40 }; /* the kernel's limit, path_resolution(7) */

static void root_note_open(const struct root *r, const char *path, int flags, int fd)
{
	enum look_kind kind = flags & O_NOFOLLOW ? LOOK_LINK
			      : flags & O_PATH	 ? LOOK_TYPE
						 : LOOK_FILE;
	struct stat st;

	if (flags & (O_WRONLY | O_RDWR | O_CREAT))
		return;
	if (fd >= 0 && fstat(fd, &st) < 0)
		looks_blind(r->looks);
	else
		looks_note(r->looks, kind, path, fd < 0 ? fd : 0, &st);
}

static int root_open_own(const struct root *r, const char *path, int flags, mode_t mode)
{
	for (;;) {
		int fd = openat(r->fd, path, flags | O_CLOEXEC, mode);

		if (fd >= 0)
			return fd;
		if (errno != EINTR)
			return -errno;
	}
}

int root_openat(const struct root *r, const char *path, int flags, mode_t mode)
{
	int fd;

	if (root_is_foreign(r))
		return fd_openat2(r->fd, path, flags, mode, RESOLVE_IN_ROOT);
	fd = root_open_own(r, path, flags, mode);
	if (r->looks)
		root_note_open(r, path, flags, fd);
	return fd;
}

static bool root_is_own(int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int root_enter(const struct root *r, bool by_path)
{
	int e;

	if (!r || !root_is_foreign(r))
		return 0;
	e = by_path ? chdir(r->path) : fchdir(r->fd);
	return e < 0 || chroot(".") < 0 ? -errno : 0;
}

int root_open(const char *path, struct root *ret)
{
	AUTO_FD int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_FD int probe = -1;
	AUTO_FREE char *real = NULL;

	if (fd < 0)
		return -errno;
	if (root_is_own(fd)) {
		real = xstrdup("");
	} else {
		real = realpath(path, NULL);
		if (!real)
			return -errno;
		probe = fd_openat2(fd, "/", O_PATH, 0, RESOLVE_IN_ROOT);
		if (probe < 0)
			return probe == -EPERM ? -ENOSYS : probe;
	}
	*ret = (struct root){ .fd = fd_take(&fd), .path = TAKE(real) };
	return 0;
}

void root_close(struct root *r)
{
	fd_closep(&r->fd);
	free(r->path);
	*r = (struct root){ .fd = -1 };
}

bool root_is_foreign(const struct root *r)
{
	return r->path[0] != '\0';
}

int root_open_parent(const struct root *r, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *dir = NULL;
	const char *name;
	int fd;

	if (path[0] != '/')
		return -EINVAL;
	name = slash + 1;
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	dir = slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
	fd = root_openat(r, dir, O_PATH | O_DIRECTORY, 0);
	if (fd >= 0)
		*ret_name = name;
	return fd;
}

void root_note_link(const struct root *r, const char *path)
{
	struct stat st;
	int code = fstatat(r->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;

	looks_note(r->looks, LOOK_LINK, path, code, &st);
}

/* The target of a symlink; -EINVAL: `path` is no symlink. */
static int root_read_link(const struct root *r, const char *path, char **ret)
{
	const char *name;
	AUTO_FD int dir = root_open_parent(r, path, &name);

	if (dir >= 0 && r->looks)
		root_note_link(r, path);
	return dir < 0 ? dir : fd_readlink(dir, name, ret);
}

static void root_cut_last(struct buf *path)
{
	char *slash = strrchr(path->s, '/');

	if (slash)
		buf_truncate(path, (size_t)(slash - path->s));
}

/*
 * Take the next component, `word` of length `len`, off the front of *todo and append it to `done`.
 * If the component is a symlink, put its target in front of *todo instead.  Returns 1 for a
 * symlink, else 0 or -errno.
 */
static int root_resolve_step(const struct root *r, struct buf *done, char **todo, const char *word,
			     size_t len)
{
	const char *rest = word + len;
	AUTO_FREE char *target = NULL;
	char *next;
	int e;

	if (len == 2 && word[0] == '.' && word[1] == '.') {
		root_cut_last(done);
	} else if (len != 1 || word[0] != '.') {
		buf_addch(done, '/');
		buf_add(done, word, len);
		e = root_read_link(r, done->s, &target);
		if (e < 0 && e != -EINVAL)
			return e;
	}
	if (target && target[0] == '/')
		buf_truncate(done, 0);
	else if (target)
		root_cut_last(done);
	next = xasprintf("%s%s", target ? target : "", rest);
	free(*todo);
	*todo = next;
	return target ? 1 : 0;
}

static void root_note_folder(struct strv *way, const char *done)
{
	const char *folder = *done ? done : "/";

	if (!strv_has(way, folder))
		strv_add(way, folder);
}

/*
 * Resolve all symlinks in `path`, and set *ret to the result.  Append the folders on the way to
 * `way`, which may be NULL.  The path is resolved component by component.  It would be easier to
 * read a descriptor's path in /proc, but not every chroot has /proc.
 */
static int root_resolve(const struct root *r, const char *path, struct strv *way, char **ret)
{
	AUTO_BUF struct buf done = BUF_INIT;
	AUTO_FREE char *todo = xstrdup(path);
	int links = 0;

	for (;;) {
		const char *word = todo + strspn(todo, "/");
		size_t len = strcspn(word, "/");
		int e;

		if (len == 0)
			break;
		if (way)
			root_note_folder(way, done.s);
		e = root_resolve_step(r, &done, &todo, word, len);
		if (e < 0)
			return e;
		links += e;
		if (links > LINKS_MAX)
			return -ELOOP;
	}
	if (done.len == 0)
		buf_addch(&done, '/');
	*ret = buf_detach(&done);
	return 0;
}

int root_realpath(const struct root *r, const char *path, char **ret)
{
	return root_resolve(r, path, NULL, ret);
}

bool root_same_place(const struct root *r, const char *a, const char *b)
{
	AUTO_FREE char *real_a = NULL, *real_b = NULL;

	return root_realpath(r, a, &real_a) == 0 && root_realpath(r, b, &real_b) == 0 &&
	       !strcmp(real_a, real_b);
}

int root_way(const struct root *r, const char *path, struct strv *ret_way, char **ret)
{
	AUTO_STRV struct strv way = STRV_INIT;
	int e = root_resolve(r, path, &way, ret);

	if (e < 0)
		return e;
	*ret_way = way;
	way = (struct strv)STRV_INIT;
	return 0;
}

char *root_host_path(const struct root *r, const char *path)
{
	return xasprintf("%s%s", r->path, path);
}
