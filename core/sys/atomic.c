/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fd.h"

static bool still_named(int fd, int dir, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dir, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * The temporary has a fixed name, so that a dead writer's litter is reused; two
 * live writers take turns by a lock on it, which ends when it is renamed.
 */
static int open_temporary(int dir, const char *name)
{
	for (;;) {
		AUTO_FD int fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		int owned;

		if (fd < 0 && errno == EINTR)
			continue;
		if (fd < 0)
			return -errno;
		while (flock(fd, LOCK_EX) < 0) {
			if (errno != EINTR)
				return -errno;
		}
		if (!still_named(fd, dir, name))
			continue;
		if (ftruncate(fd, 0) < 0)
			return -errno;
		owned = fd;
		fd = -1;
		return owned;
	}
}

static int begin(struct atomic *a, mode_t mode)
{
	const char *name;
	int r;

	a->dirfd = root_open_parent(a->root, a->path, &name);
	if (a->dirfd < 0)
		return a->dirfd;
	a->tmp = xasprintf(".%s.dkms-new", name);
	a->fd = open_temporary(a->dirfd, a->tmp);
	if (a->fd < 0) {
		r = a->fd;
		free(TAKE(a->tmp));
		return r;
	}
	return fchmod(a->fd, mode) < 0 ? -errno : 0;
}

int atomic_begin(struct atomic *a, const struct root *r, const char *path, mode_t mode)
{
	int e;

	*a = (struct atomic){ .root = r, .path = xstrdup(path), .dirfd = -1, .fd = -1 };
	e = begin(a, mode);
	if (e < 0)
		atomic_abort(a);
	return e;
}

void atomic_write(struct atomic *a, const void *data, size_t len)
{
	if (a->error == 0)
		a->error = fd_write(a->fd, data, len);
}

static int commit(struct atomic *a)
{
	const char *name = strrchr(a->path, '/') + 1;
	int r = a->error;

	if (r == 0)
		r = fd_sync(a->fd);
	if (r == 0 && renameat(a->dirfd, a->tmp, a->dirfd, name) < 0)
		r = -errno;
	if (r < 0)
		return r;
	free(TAKE(a->tmp));
	return fd_sync_dir(a->dirfd);
}

int atomic_commit(struct atomic *a)
{
	int r = commit(a);

	atomic_abort(a);
	return r;
}

void atomic_abort(struct atomic *a)
{
	/* Before the lock goes with the descriptor: later the name may be another writer's. */
	if (a->tmp)
		unlinkat(a->dirfd, a->tmp, 0);
	fd_closep(&a->fd);
	fd_closep(&a->dirfd);
	a->fd = a->dirfd = -1;
	free(TAKE(a->tmp));
	free(TAKE(a->path));
}

int atomic_write_file(const struct root *r, const char *path, const void *data, size_t len,
		      mode_t mode)
{
	struct atomic a;
	int e = atomic_begin(&a, r, path, mode);

	if (e < 0)
		return e;
	atomic_write(&a, data, len);
	return atomic_commit(&a);
}
