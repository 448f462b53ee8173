/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/mutation.h"

enum {
	CHUNK = 64 * 1024,
	COPY_MAX = 1 << 30,
	RACES_MAX = 128,
	LAST_GUESS = 65536, /* if there is neither close_range(2) nor /proc */
};

int fd_open_null(int flags)
{
	int fd = open("/dev/null", flags | O_CLOEXEC);

	return fd < 0 && errno == ENOENT ? memfd_create("null", MFD_CLOEXEC) : fd;
}

int fd_openat2(int dir, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.mode = flags & (O_CREAT | O_TMPFILE) & ~O_DIRECTORY ? mode & 07777 : 0,
		.resolve = resolve,
	};
	int races = 0;

	for (;;) {
		long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		if (errno == EINTR || (errno == EAGAIN && ++races < RACES_MAX))
			continue;
		return -errno;
	}
}

/*
 * Without openat2(2): open one folder after the other.  Symlinks and ".." are refused, so `rel`
 * cannot lead out of `dir`.
 */
static int fd_open_by_steps(int dir, const char *rel, int flags)
{
	AUTO_FD int here = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	while (here >= 0) {
		size_t len = strcspn(rel, "/");
		AUTO_FREE char *name = xstrndup(rel, len);
		bool last = !rel[len + strspn(rel + len, "/")];
		struct stat st;
		int fd;

		if (strcmp(name, "..") == 0)
			return -EXDEV;
		if (last)
			fd = openat(here, name, flags);
		else
			fd = openat(here, *name ? name : ".",
				    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		/* With O_DIRECTORY a symlink gives ENOTDIR: tell it from a file. */
		if (fd < 0 && errno == ENOTDIR &&
		    fstatat(here, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
			return -ELOOP;
		if (last || fd < 0)
			return fd < 0 ? -errno : fd;
		close(here);
		here = fd;
		rel += len + 1;
	}
	return -errno;
}

int fd_open_beneath(int dir, const char *rel, int flags)
{
	int fd;

	flags |= O_NOFOLLOW | O_CLOEXEC;
	fd = fd_openat2(dir, rel, flags, 0,
			RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
				RESOLVE_NO_XDEV);
	return fd == -ENOSYS || fd == -EPERM ? fd_open_by_steps(dir, rel, flags) : fd;
}

void fd_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

int fd_write(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int fd_sync(int fd)
{
	if (mutation("no-file-sync"))
		return 0;
	while (fsync(fd) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int fd_sync_dir(int fd)
{
	AUTO_FD int dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (dir < 0)
		return -errno;
	if (mutation("no-folder-sync"))
		return 0;
	r = fd_sync(dir);
	return r == -EINVAL || r == -ENOTSUP ? 0 : r;
}

static int fd_copy_by_hand(int from, int to)
{
	AUTO_FREE char *chunk = xmalloc(CHUNK);

	for (;;) {
		ssize_t n = read(from, chunk, CHUNK);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = fd_write(to, chunk, (size_t)n);
		if (r < 0)
			return r;
	}
}

/* Does the error mean that copy_file_range(2) does not work between these files? */
static bool fd_copy_range_unsupported(int error)
{
	return error == EXDEV || error == ENOSYS || error == EOPNOTSUPP || error == EINVAL ||
	       error == EPERM || error == EBADF;
}

int fd_copy(int from, int to)
{
	bool begun = false;

	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	for (;;) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, COPY_MAX, 0);

		if (n > 0) {
			begun = true;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		/* A first 0 need not be the end: some kernels return it for procfs and sysfs. */
		if (!begun && (n == 0 || fd_copy_range_unsupported(errno)))
			return fd_copy_by_hand(from, to);
		return n < 0 ? -errno : 0;
	}
}

int fd_set_mode_and_times(int fd, mode_t mode, const struct stat *times)
{
	if (fchmod(fd, mode) < 0)
		return -errno;
	if (times && futimens(fd, (struct timespec[]){ times->st_atim, times->st_mtim }) < 0)
		return -errno;
	return 0;
}

static void fd_copy_xattr(int from, int to, const char *name)
{
	ssize_t len = fgetxattr(from, name, NULL, 0);
	AUTO_FREE char *value = NULL;

	if (len < 0)
		return;
	value = xmalloc((size_t)len);
	len = fgetxattr(from, name, value, (size_t)len);
	/* Not every file system takes every attribute; the copy is good without it. */
	if (len >= 0 && fsetxattr(to, name, value, (size_t)len, 0) < 0)
		return;
}

void fd_copy_xattrs(int from, int to)
{
	ssize_t len = flistxattr(from, NULL, 0);
	AUTO_FREE char *names = NULL;

	if (len <= 0)
		return;
	names = xmalloc((size_t)len);
	len = flistxattr(from, names, (size_t)len);
	for (const char *p = names; len > 0 && p < names + len; p += strlen(p) + 1)
		fd_copy_xattr(from, to, p);
}

int fd_readlink(int dir, const char *name, char **ret)
{
	for (size_t size = 256;; size *= 2) {
		AUTO_FREE char *s = xmalloc(size);
		ssize_t n = readlinkat(dir, name, s, size);

		if (n < 0)
			return -errno;
		if ((size_t)n < size) {
			s[n] = '\0';
			*ret = TAKE(s);
			return 0;
		}
	}
}

int fd_read_folder(int fd, fd_entry_fn fn, void *data)
{
	_Alignas(struct dirent64) char entries[16384];

	for (;;) {
		long n = syscall(SYS_getdents64, fd, entries, sizeof(entries));

		if (n < 0 && errno == EINTR)
			continue;
		/* ENOENT: the folder was removed.  readdir(3) takes that for its end, too. */
		if (n <= 0)
			return n < 0 && errno != ENOENT ? -errno : 0;
		for (long at = 0; at < n;) {
			const struct dirent64 *d = (const void *)(entries + at);

			at += d->d_reclen;
			if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
				fn(d->d_name, d->d_type, data);
		}
	}
}

static void fd_add_name(const char *name, unsigned char type, void *data)
{
	(void)type;
	strv_add(data, name);
}

int fd_list(int fd, struct strv *ret)
{
	struct strv names = STRV_INIT;
	int r = fd_read_folder(fd, fd_add_name, &names);

	if (r < 0) {
		strv_release(&names);
		return r;
	}
	strv_sort(&names);
	*ret = names;
	return 0;
}

static void fd_close_listed(DIR *dir, int first)
{
	struct dirent *d;

	while ((d = readdir(dir))) {
		int fd = atoi(d->d_name);

		if (fd >= first && fd != dirfd(dir))
			close(fd);
	}
}

void fd_close_from(int first)
{
	DIR *dir;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	dir = opendir("/proc/self/fd");
	if (dir) {
		fd_close_listed(dir, first);
		closedir(dir);
		return;
	}
	for (int fd = first; fd < LAST_GUESS; fd++)
		close(fd);
}
