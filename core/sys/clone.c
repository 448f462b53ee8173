/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/clone.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fd.h"
#include "sys/fs.h"

/* Set the owner.  Only root can give files away, so an error counts only if we are root. */
static int clone_owner(int fd, const struct stat *st)
{
	return fchown(fd, st->st_uid, st->st_gid) < 0 && geteuid() == 0 ? -errno : 0;
}

/* Set the owner before the rest: chown(2) clears set-user-ID bits and capabilities. */
static int clone_attributes(int from, int to, const struct stat *st)
{
	int e = clone_owner(to, st);

	if (e < 0)
		return e;
	fd_copy_xattrs(from, to);
	return fd_set_mode_and_times(to, st->st_mode & 07777, st);
}

static int clone_symlink(const struct root *r, const char *from, const char *to,
			 const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	AUTO_FREE char *target = NULL;
	const char *name;
	AUTO_FD int dir = root_open_parent(r, to, &name);
	int e = dir < 0 ? dir : fs_readlink(r, from, &target);

	if (e < 0)
		return e;
	if (symlinkat(target, dir, name) < 0 ||
	    utimensat(dir, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (fchownat(dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 && geteuid() == 0)
		return -errno;
	return 0;
}

static int clone_by_copy(const struct root *r, const char *from, const char *to)
{
	AUTO_FD int in = -1;
	AUTO_FD int out = -1;
	struct stat st;
	int e = fs_lstat(r, from, &st);

	if (e < 0)
		return e;
	if (S_ISLNK(st.st_mode))
		return clone_symlink(r, from, to, &st);
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	in = fs_open_file(r, from, O_NOFOLLOW);
	out = in < 0 ? in : root_openat(r, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (out < 0)
		return out;
	e = fd_copy(in, out);
	if (e == 0)
		e = clone_attributes(in, out, &st);
	return e < 0 ? e : fd_sync(out);
}

static int clone_by_link(const struct root *r, const char *from, const char *to)
{
	const char *from_name, *to_name;
	AUTO_FD int from_dir = root_open_parent(r, from, &from_name);
	AUTO_FD int to_dir = from_dir < 0 ? from_dir : root_open_parent(r, to, &to_name);

	if (to_dir < 0)
		return to_dir;
	return linkat(from_dir, from_name, to_dir, to_name, 0) < 0 ? -errno : 0;
}

int clone_file(const struct root *r, const char *from, const char *to)
{
	int e = clone_by_link(r, from, to);

	/*
	 * After these errors a copy is made instead:
	 *   EXDEV		`to` is on another file system
	 *   EPERM, EOPNOTSUPP	the file system has no hard links
	 *   EPERM		the sysctl protected_hardlinks forbids links to files of others
	 *   EMLINK		the file has too many links
	 */
	if (e == -EXDEV || e == -EPERM || e == -EMLINK || e == -EOPNOTSUPP)
		return clone_by_copy(r, from, to);
	return e;
}

static int clone_children(const struct root *r, const char *from, const char *to);

int clone_tree(const struct root *r, const char *from, const char *to)
{
	AUTO_FD int in = root_openat(r, from, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	AUTO_FD int out = -1;
	struct stat st;
	int e = in < 0 ? in : fs_mkdir_p(r, to);

	if (e == 0)
		e = clone_children(r, from, to);
	if (e < 0)
		return e;
	if (fstat(in, &st) < 0)
		return -errno;
	out = root_openat(r, to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (out < 0)
		return out;
	e = clone_attributes(in, out, &st);
	return e < 0 ? e : fd_sync_dir(out);
}

static int clone_children(const struct root *r, const char *from, const char *to)
{
	AUTO_STRV struct strv names = STRV_INIT;
	int e = fs_list(r, from, &names);
	const char *name;

	STRV_FOREACH (name, &names) {
		AUTO_FREE char *source = xasprintf("%s/%s", from, name);
		AUTO_FREE char *copy = xasprintf("%s/%s", to, name);
		struct stat st;

		e = fs_lstat(r, source, &st);
		if (e == 0)
			e = S_ISDIR(st.st_mode) ? clone_tree(r, source, copy)
						: clone_file(r, source, copy);
		if (e < 0)
			return e;
	}
	return e;
}
