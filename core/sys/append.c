/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/append.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/fd.h"

/* Does the last line lack its '\n'? */
static bool append_is_torn(int fd, off_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static int append_write_once(int fd, const struct buf *b)
{
	ssize_t n;

	do {
		n = write(fd, b->s, b->len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* Do not write the rest: it might land behind the line of another writer. */
	return (size_t)n == b->len ? 0 : -ENOSPC;
}

int append_line(const struct root *r, const char *path, const char *line, size_t len, uint64_t max)
{
	/* O_NONBLOCK: a fifo of that name must not block us. */
	AUTO_FD int fd =
		root_openat(r, path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0644);
	AUTO_BUF struct buf b = BUF_INIT;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_nlink > 1)
		return -EMLINK;
	if (st.st_size && (uint64_t)st.st_size + len + 1 > max)
		return -EFBIG;
	if (append_is_torn(fd, st.st_size))
		buf_addch(&b, '\n');
	buf_add(&b, line, len);
	return append_write_once(fd, &b);
}

int append_sync(const struct root *r, const char *path)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	AUTO_FD int dir = -1;
	const char *name;
	int k;

	if (fd < 0)
		return fd;
	k = fd_sync(fd);
	if (k < 0)
		return k;
	dir = root_open_parent(r, path, &name);
	return dir < 0 ? dir : fd_sync_dir(dir);
}
