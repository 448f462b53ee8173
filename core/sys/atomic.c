/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/atomic.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fd.h"
#include "sys/lock.h"

/*
 * Open and lock the temporary, and empty it.  It has a fixed name, so a file that a dead writer
 * left is reused.  Living writers take turns, because they lock it.
 */
static int atomic_open_temporary(const struct atomic *a)
{
	int fd = lock_temporary(a->dirfd, a->tmp, a->path), r;

	if (fd < 0 || ftruncate(fd, 0) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

static int atomic_open(struct atomic *a)
{
	const char *name;
	int r;

	a->dirfd = root_open_parent(a->root, a->path, &name);
	if (a->dirfd < 0)
		return a->dirfd;
	a->tmp = xasprintf(".%s.dkms-new", name);
	a->fd = atomic_open_temporary(a);
	if (a->fd < 0) {
		r = a->fd;
		free(TAKE(a->tmp));
		return r;
	}
	return 0;
}

int atomic_begin(struct atomic *a, const struct root *r, const char *path, mode_t mode)
{
	int e;

	*a = (struct atomic){
		.root = r, .path = xstrdup(path), .mode = mode, .dirfd = -1, .fd = -1
	};
	e = atomic_open(a);
	if (e < 0)
		atomic_abort(a);
	return e;
}

void atomic_write(struct atomic *a, const void *data, size_t len)
{
	if (a->error == 0)
		a->error = fd_write(a->fd, data, len);
}

static int atomic_publish(struct atomic *a)
{
	const char *name = strrchr(a->path, '/') + 1;
	int r = a->error;

	/*
	 * Set the mode only now.  Whoever can open the file can lock it, and so make writers wait.
	 */
	if (r == 0 && fchmod(a->fd, a->mode) < 0)
		r = -errno;
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
	int r = atomic_publish(a);

	atomic_abort(a);
	return r;
}

void atomic_abort(struct atomic *a)
{
	/*
	 * Unlink before closing: closing frees the lock, and then the name may be another writer's.
	 */
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
