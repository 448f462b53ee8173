/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/harvest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fd.h"
#include "sys/fs.h"

enum { CHUNK = 64 * 1024 };

#define READ_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

static int harvest_open(int dir, const char *rel)
{
	int fd = fd_open_beneath(dir, rel, READ_FLAGS);

	return fd == -ENXIO ? -EINVAL : fd; /* ENXIO: a socket */
}

static int harvest_check_kind(const struct stat *st, uint64_t max)
{
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	if (st->st_nlink != 1)
		return -EMLINK;
	return (uint64_t)st->st_size > max ? -EFBIG : 0;
}

/*
 * Copy `left` bytes, the size that the file had when it was opened.  Copy no more than that: the
 * build may be making the file longer.
 */
static int harvest_copy_bytes(int in, int out, uint64_t left)
{
	AUTO_FREE char *chunk = xmalloc(CHUNK);

	while (left) {
		ssize_t n = read(in, chunk, left < CHUNK ? left : CHUNK);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ESTALE;
		r = fd_write(out, chunk, (size_t)n);
		if (r < 0)
			return r;
		left -= (uint64_t)n;
	}
	return 0;
}

static int harvest_copy(const struct root *r, int in, const struct stat *st, const char *to)
{
	AUTO_FD int out = root_openat(r, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	int e;

	if (out < 0)
		return out;
	e = harvest_copy_bytes(in, out, (uint64_t)st->st_size);
	if (e == 0)
		e = fd_set_mode_and_times(out, 0644, st);
	if (e < 0 && fs_unlink(r, to) < 0)
		return e;
	return e;
}

int harvest_file(const struct root *r, const char *folder, const char *rel, const char *to,
		 uint64_t max)
{
	AUTO_FD int dir = root_openat(r, folder, O_PATH | O_DIRECTORY, 0);
	AUTO_FD int in = dir < 0 ? dir : harvest_open(dir, rel);
	struct stat st;
	int e;

	if (in < 0)
		return in;
	if (fstat(in, &st) < 0)
		return -errno;
	e = harvest_check_kind(&st, max);
	return e < 0 ? e : harvest_copy(r, in, &st, to);
}

int harvest_open_file(const struct root *r, int fd, const char *to, uint64_t max)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	return (uint64_t)st.st_size > max ? -EFBIG : harvest_copy(r, fd, &st, to);
}

const char *harvest_problem(int code)
{
	switch (code) {
	case -ELOOP: return "is a symbolic link, or lies behind one";
	case -EXDEV: return "lies outside of the build folder";
	case -EINVAL: return "is no regular file";
	case -EMLINK: return "has another name, by a hard link";
	case -EFBIG: return "is too large";
	default: return NULL;
	}
}
