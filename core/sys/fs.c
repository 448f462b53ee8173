/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "sys/fd.h"
#include "sys/looks.h"

#define SAME_MAX ((off_t)4 << 30) /* a sparse file may claim terabytes */

static int fs_stat_foreign(const struct root *r, const char *path, int flags, struct stat *ret)
{
	AUTO_FD int fd = root_openat(r, path, O_PATH | flags, 0);

	if (fd < 0)
		return fd;
	return fstat(fd, ret) < 0 ? -errno : 0;
}

static int fs_look(const struct root *r, enum look_kind kind, const char *path, struct stat *ret)
{
	int code;

	if (root_is_foreign(r))
		return fs_stat_foreign(r, path, kind == LOOK_LINK ? O_NOFOLLOW : 0, ret);
	code = fstatat(r->fd, path, ret, kind == LOOK_LINK ? AT_SYMLINK_NOFOLLOW : 0) < 0 ? -errno
											  : 0;
	looks_note(r->looks, kind, path, code, ret);
	return code;
}

int fs_stat(const struct root *r, const char *path, struct stat *ret)
{
	return fs_look(r, LOOK_FILE, path, ret);
}

int fs_lstat(const struct root *r, const char *path, struct stat *ret)
{
	return fs_look(r, LOOK_LINK, path, ret);
}

/* The type of the file, S_IFMT of its mode; 0: there is none. */
static mode_t fs_type(const struct root *r, const char *path)
{
	struct stat st;

	return fs_look(r, LOOK_TYPE, path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

bool fs_exists(const struct root *r, const char *path)
{
	return fs_type(r, path) != 0;
}

bool fs_is_dir(const struct root *r, const char *path)
{
	return fs_type(r, path) == S_IFDIR;
}

bool fs_is_file(const struct root *r, const char *path)
{
	return fs_type(r, path) == S_IFREG;
}

int fs_may_write(const struct root *r, const char *path)
{
	AUTO_FD int fd = root_openat(r, path, O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return fd;
	return faccessat(fd, ".", W_OK | X_OK, 0) < 0 ? -errno : 0;
}

/* `size` is that of the file.  In /proc it is 0; then the file is read to its end. */
static int fs_read_fd(int fd, size_t size, size_t max, struct buf *b)
{
	char chunk[16384];
	size_t start = b->len;

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			return 0;
		if (n < 0 || (size_t)n > max - (b->len - start)) {
			int e = n < 0 ? -errno : -EFBIG;

			buf_truncate(b, start);
			return e;
		}
		buf_add(b, chunk, (size_t)n);
		if (b->len - start == size)
			return 0;
	}
}

static int fs_open_stat(const struct root *r, const char *path, int flags, struct stat *ret)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | flags, 0);

	if (fd < 0)
		return fd == -ENXIO ? -EINVAL : fd; /* ENXIO: a socket */
	if (fstat(fd, ret) < 0)
		return -errno;
	if (!S_ISREG(ret->st_mode))
		return -EINVAL;
	return fd_take(&fd);
}

int fs_open_file(const struct root *r, const char *path, int flags)
{
	struct stat st;

	return fs_open_stat(r, path, flags, &st);
}

int fs_read_stat(const struct root *r, const char *path, size_t max, struct buf *b,
		 struct stat *ret)
{
	struct stat st;
	AUTO_FD int fd = fs_open_stat(r, path, 0, &st);

	if (fd < 0)
		return fd;
	*ret = st;
	return fs_read_fd(fd, (size_t)st.st_size, max, b);
}

int fs_read(const struct root *r, const char *path, size_t max, struct buf *b)
{
	struct stat st;

	return fs_read_stat(r, path, max, b, &st);
}

/* Have the two open files the same `size` bytes?  False if one cannot be read to its end. */
static bool fs_same_fds(int a, int b, off_t size)
{
	char of_a[16384], of_b[sizeof(of_a)];
	ssize_t n;

	for (off_t at = 0; at < size; at += n) {
		n = pread(a, of_a, sizeof(of_a), at);
		if (n > 0)
			n = pread(b, of_b, (size_t)n, at);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0 || memcmp(of_a, of_b, (size_t)n) != 0)
			return false;
	}
	return true;
}

bool fs_same_bytes(const struct root *r, const char *a, const char *b)
{
	struct stat st_a, st_b;
	AUTO_FD int fd_a = fs_open_stat(r, a, 0, &st_a);
	AUTO_FD int fd_b = fd_a < 0 ? -1 : fs_open_stat(r, b, 0, &st_b);

	if (fd_a < 0 || fd_b < 0)
		return false;
	if (st_a.st_ino == st_b.st_ino && st_a.st_dev == st_b.st_dev)
		return true;
	return st_a.st_size == st_b.st_size && st_a.st_size <= SAME_MAX &&
	       fs_same_fds(fd_a, fd_b, st_a.st_size);
}

/*
 * Declare `dir`, a descriptor of the folder that holds `path`, and `name`, the last component of
 * `path`.
 */
#define PARENT(dir, name, r, path) \
	const char *name = NULL;   \
	AUTO_FD int dir = root_open_parent(r, path, &name)

static int fs_readlink_foreign(const struct root *r, const char *path, char **ret)
{
	PARENT(dir, name, r, path);

	return dir < 0 ? dir : fd_readlink(dir, name, ret);
}

int fs_readlink(const struct root *r, const char *path, char **ret)
{
	if (r->looks)
		root_note_link(r, path);
	return root_is_foreign(r) ? fs_readlink_foreign(r, path, ret)
				  : fd_readlink(r->fd, path, ret);
}

int fs_list(const struct root *r, const char *path, struct strv *ret)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_DIRECTORY, 0);

	return fd < 0 ? fd : fd_list(fd, ret);
}

void fs_read_folder(const struct root *r, const char *folder, size_t max, struct buf *b)
{
	AUTO_STRV struct strv files = STRV_INIT;
	const char *file;

	if (fs_list(r, folder, &files) < 0)
		return;
	STRV_FOREACH (file, &files) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, file);

		buf_addch(b, '\n');
		if (fs_read(r, path, max, b) < 0)
			log_debug("%s cannot be read", path);
	}
}

static int fs_mkdir(const struct root *r, const char *path)
{
	PARENT(dir, name, r, path);

	if (dir < 0)
		return dir;
	return mkdirat(dir, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int fs_mkdir_p(const struct root *r, const char *path)
{
	struct stat st;
	int e;

	if (fs_is_dir(r, path))
		return 0;
	for (const char *p = path; *p;) {
		AUTO_FREE char *prefix = NULL;

		p += strspn(p, "/");
		p += strcspn(p, "/");
		prefix = xstrndup(path, (size_t)(p - path));
		if (p[-1] == '/' || fs_is_dir(r, prefix))
			continue;
		e = fs_mkdir(r, prefix);
		if (e < 0)
			return e;
	}
	e = fs_stat(r, path, &st);
	if (e < 0)
		return e;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/*
 * As unlinkat(2), but a missing file is -ENOENT on a read-only file system, too.  unlinkat(2) fails
 * with EROFS there.
 */
static int fs_unlink_at(int dir, const char *name, int flags)
{
	struct stat st;
	int e = unlinkat(dir, name, flags) < 0 ? -errno : 0;

	if (e == -EROFS && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return -ENOENT;
	return e;
}

int fs_unlink(const struct root *r, const char *path)
{
	PARENT(dir, name, r, path);
	int e = dir < 0 ? dir : fs_unlink_at(dir, name, 0);

	return e == -ENOENT ? 0 : e;
}

int fs_rmdir_if_empty(const struct root *r, const char *path)
{
	PARENT(dir, name, r, path);
	int e = dir < 0 ? dir : fs_unlink_at(dir, name, AT_REMOVEDIR);

	/* xfs returns EEXIST for a folder that is not empty. */
	return e == -ENOENT || e == -ENOTEMPTY || e == -EEXIST ? 0 : e;
}

/*
 * Open the folder dir/name.  -ELOOP or -ENOTDIR: it is a symlink, or no folder; -EXDEV: it is a
 * mount point.
 */
static int fs_open_same_mount(int dir, const char *name)
{
	struct stat outer, inner;
	int fd = fd_openat2(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
			    RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);

	if (fd >= 0 || (fd != -ENOSYS && fd != -EPERM))
		return fd;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(dir, &outer) == 0 && fstat(fd, &inner) == 0 && outer.st_dev == inner.st_dev)
		return fd;
	close(fd);
	return -EXDEV;
}

static int fs_remove_at(int dir, const char *name);

/* Remove all in the folder.  Goes on after an error, and returns the first error. */
static int fs_empty_dir(int fd)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int first = fd_list(fd, &names);
	const char *name;

	STRV_FOREACH (name, &names) {
		int r = fs_remove_at(fd, name);

		if (first == 0)
			first = r;
	}
	return first;
}

static int fs_remove_at(int dir, const char *name)
{
	AUTO_FD int fd = -1;
	int r = fs_unlink_at(dir, name, 0);

	if (r == 0 || r == -ENOENT)
		return 0;
	/* EISDIR: a folder.  EPERM: a folder, by POSIX, or an immutable file. */
	if (r != -EISDIR && r != -EPERM)
		return r;
	fd = fs_open_same_mount(dir, name);
	if (fd == -ENOTDIR)
		return r;
	if (fd < 0)
		return fd == -EXDEV ? -EBUSY : fd;
	r = fs_empty_dir(fd);
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return r < 0 ? r : -errno;
}

int fs_remove_tree(const struct root *r, const char *path)
{
	PARENT(dir, name, r, path);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	return fs_remove_at(dir, name);
}

int fs_symlink(const struct root *r, const char *target, const char *path)
{
	PARENT(dir, name, r, path);

	if (dir < 0)
		return dir;
	return symlinkat(target, dir, name) < 0 ? -errno : 0;
}

int fs_rename(const struct root *r, const char *from, const char *to)
{
	PARENT(from_dir, from_name, r, from);
	PARENT(to_dir, to_name, r, to);

	if (from_dir < 0)
		return from_dir;
	if (to_dir < 0)
		return to_dir;
	return renameat(from_dir, from_name, to_dir, to_name) < 0 ? -errno : 0;
}

int fs_chmod(const struct root *r, const char *path, mode_t mode)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	if (fd < 0)
		return fd;
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

/*
 * The mode of a copy.  The copy belongs to us, not to the owner of the original.  So its group and
 * others must not be able to write it.  It must not be set-user-ID, because it would run with our
 * rights.
 */
static mode_t fs_copied_mode(const struct stat *st)
{
	return st->st_mode & 0755;
}

static int fs_copy_regular(int from_dir, const char *from, int to_dir, const char *to, bool xattrs)
{
	AUTO_FD int in = openat(from_dir, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	AUTO_FD int out = -1;
	struct stat st;
	int r;

	if (in < 0 || fstat(in, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	out = openat(to_dir, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = fd_copy(in, out);
	if (r == 0 && xattrs)
		fd_copy_xattrs(in, out);
	if (r == 0)
		r = fd_set_mode_and_times(out, fs_copied_mode(&st), &st);
	if (r < 0)
		unlinkat(to_dir, to, 0);
	return r;
}

static int fs_copy_symlink(int from, const char *name, int to, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	AUTO_FREE char *target = NULL;
	int r = fd_readlink(from, name, &target);

	if (r < 0)
		return r;
	if (symlinkat(target, to, name) < 0 || utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

static int fs_copy_children(int from, int to, const struct stat *top);

static int fs_copy_dir(int from, const char *name, int to, const struct stat *st,
		       const struct stat *top)
{
	AUTO_FD int in = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FD int out = -1;
	int r;

	if (in < 0 || mkdirat(to, name, 0700) < 0)
		return -errno;
	out = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return -errno;
	r = fs_copy_children(in, out, top);
	return r < 0 ? r : fd_set_mode_and_times(out, fs_copied_mode(st), st);
}

static int fs_copy_entry(int from, const char *name, int to, const struct stat *top)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		return fs_copy_regular(from, name, to, name, false);
	if (S_ISLNK(st.st_mode))
		return fs_copy_symlink(from, name, to, &st);
	if (!S_ISDIR(st.st_mode))
		return 0;
	/*
	 * If this is the target folder, it lies in the folder that is copied, and the copy would
	 * never end.
	 */
	if (st.st_dev == top->st_dev && st.st_ino == top->st_ino)
		return -EINVAL;
	return fs_copy_dir(from, name, to, &st, top);
}

static int fs_copy_children(int from, int to, const struct stat *top)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fd_list(from, &names);
	const char *name;

	STRV_FOREACH (name, &names) {
		r = fs_copy_entry(from, name, to, top);
		if (r < 0)
			return r;
	}
	return r;
}

int fs_copy_tree(const struct root *r, const char *from, const char *to)
{
	AUTO_FD int in = root_openat(r, from, O_RDONLY | O_DIRECTORY, 0);
	AUTO_FD int out = -1;
	struct stat top;

	if (in < 0)
		return in;
	out = root_openat(r, to, O_RDONLY | O_DIRECTORY, 0);
	if (out < 0)
		return out;
	if (fstat(out, &top) < 0)
		return -errno;
	return fs_copy_children(in, out, &top);
}

int fs_copy_file(const struct root *r, const char *from, const char *to)
{
	AUTO_FREE char *real = NULL;
	int e = root_realpath(r, from, &real);
	PARENT(to_dir, to_name, r, to);

	if (e < 0)
		return e;
	if (to_dir < 0)
		return to_dir;

	PARENT(from_dir, from_name, r, real);

	if (from_dir < 0)
		return from_dir;
	return fs_copy_regular(from_dir, from_name, to_dir, to_name, true);
}

struct fs_walk {
	struct looks *looks;
	const char *top;
	struct buf rel;
	fs_walk_fn fn;
	void *data;
};

static int fs_walk_dir(struct fs_walk *w, int fd);

static int fs_walk_entry(struct fs_walk *w, int dir, const char *name)
{
	AUTO_FD int fd = -1;
	struct stat st;
	int r;

	/* ENOENT: the entry was removed after the folder was read. */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	looks_note_at(w->looks, LOOK_LINK, w->top, w->rel.s, 0, &st);
	r = w->fn(w->rel.s, &st, w->data);
	if (r != 0 || !S_ISDIR(st.st_mode))
		return r;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return fs_walk_dir(w, fd);
}

static int fs_walk_dir(struct fs_walk *w, int fd)
{
	AUTO_STRV struct strv names = STRV_INIT;
	size_t len = w->rel.len;
	int r = fd_list(fd, &names);
	const char *name;

	STRV_FOREACH (name, &names) {
		buf_addf(&w->rel, "%s%s", len ? "/" : "", name);
		r = fs_walk_entry(w, fd, name);
		buf_truncate(&w->rel, len);
		if (r != 0)
			return r;
	}
	return r;
}

int fs_walk(const struct root *r, const char *path, fs_walk_fn fn, void *data)
{
	AUTO_FD int fd = root_openat(r, path, O_RDONLY | O_DIRECTORY, 0);
	struct fs_walk w = { r->looks, path, BUF_INIT, fn, data };
	int e;

	if (fd < 0)
		return fd;
	e = fs_walk_dir(&w, fd);
	buf_release(&w.rel);
	return e;
}

static int fs_open_nearest(const struct root *r, const char *path)
{
	AUTO_FREE char *dir = xstrdup(path);

	for (;;) {
		int fd = root_openat(r, dir, O_PATH, 0);
		char *slash = strrchr(dir, '/');

		if ((fd != -ENOENT && fd != -ENOTDIR) || !slash || !slash[1])
			return fd;
		slash[slash == dir] = '\0';
	}
}

int fs_free_space(const struct root *r, const char *path, struct fs_space *ret)
{
	AUTO_FD int fd = fs_open_nearest(r, path);
	bool all = geteuid() == 0; /* root may use the reserved blocks */
	struct statvfs st;

	if (fd < 0)
		return fd;
	if (fstatvfs(fd, &st) < 0)
		return -errno;
	ret->bytes = (uint64_t)(all ? st.f_bfree : st.f_bavail) * st.f_frsize;
	ret->inodes = st.f_files ? (all ? st.f_ffree : st.f_favail) : UINT64_MAX;
	return 0;
}

bool fs_is_read_only(const struct root *r, const char *path)
{
	AUTO_FD int fd = root_openat(r, path, O_PATH, 0);
	struct statvfs st;

	if (fd < 0 || fstatvfs(fd, &st) < 0 || !(st.f_flag & ST_RDONLY))
		return false;
	looks_blind(r->looks);
	return true;
}
