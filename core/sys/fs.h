/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fs - plain file-system work below a root: look, read, copy, remove.
 *
 * Paths are absolute inside the root (root.h).  Nothing here is durable or
 * atomic; what must survive a crash goes through atomic.h and tx.h.  All
 * functions return 0 (or what is said) and -errno.
 */
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/strv.h"
#include "sys/root.h"

/* Time of the last change of content, nanoseconds since the epoch. */
static inline int64_t fs_mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

int fs_stat(const struct root *r, const char *path, struct stat *ret) MUST_CHECK;
int fs_lstat(const struct root *r, const char *path, struct stat *ret) MUST_CHECK;
/* After symlinks; false for every error. */
bool fs_exists(const struct root *r, const char *path);
bool fs_is_dir(const struct root *r, const char *path);
bool fs_is_file(const struct root *r, const char *path);
/* May this process write into the folder (access(2) W_OK|X_OK)? 0, -EACCES, -EROFS, -ENOENT. */
int fs_may_write(const struct root *r, const char *path) MUST_CHECK;

/*
 * Open what somebody else may have put there, for reading: the one way to do that.  Opening never
 * waits and never gives us a terminal; what is no regular file (a fifo, a device, a socket, a
 * folder) is -EINVAL.  flags: 0 or O_NOFOLLOW.  Returns a descriptor or -errno.
 */
int fs_open_file(const struct root *r, const char *path, int flags) MUST_CHECK;
/* Append a file's content, by fs_open_file().  More than max bytes: -EFBIG, nothing appended. */
int fs_read(const struct root *r, const char *path, size_t max, struct buf *b) MUST_CHECK;
/* fs_read() that also returns fstat(2) of the file it has read. */
int fs_read_stat(const struct root *r, const char *path, size_t max, struct buf *b,
		 struct stat *ret) MUST_CHECK;
/* Content of a symlink; caller frees. */
int fs_readlink(const struct root *r, const char *path, char **ret) MUST_CHECK;
/* Names in a folder without "." and "..", in strcmp order. */
int fs_list(const struct root *r, const char *path, struct strv *ret) MUST_CHECK;

/* mkdir -p with mode 0755 less the umask; existing folders are left as they are. */
int fs_mkdir_p(const struct root *r, const char *path) MUST_CHECK;
/* unlink(2); a missing file is success. */
int fs_unlink(const struct root *r, const char *path) MUST_CHECK;
/* rmdir(2); missing or not empty is success. */
int fs_rmdir_if_empty(const struct root *r, const char *path) MUST_CHECK;
/* rm -rf that follows no symlink and crosses no mount point; missing is success. */
int fs_remove_tree(const struct root *r, const char *path) MUST_CHECK;
int fs_symlink(const struct root *r, const char *target, const char *path) MUST_CHECK;
/* renameat(2) over an existing file. */
int fs_rename(const struct root *r, const char *from, const char *to) MUST_CHECK;
int fs_chmod(const struct root *r, const char *path, mode_t mode) MUST_CHECK;

/*
 * Copy the tree below folder from into folder to, which must exist: regular
 * files (reflink, else copy_file_range, else read and write), folders and
 * symlinks as they are, mtimes kept, owners not, and of modes what lets nobody but the owner write
 * and has no set-id or sticky bit.  Sockets, fifos and devices are left out.  A file that vanishes
 * meanwhile is -ENOENT.
 */
int fs_copy_tree(const struct root *r, const char *from, const char *to) MUST_CHECK;
/* One regular file, mode and mtime as above; to must not exist (-EEXIST). */
int fs_copy_file(const struct root *r, const char *from, const char *to) MUST_CHECK;

/*
 * Call fn for everything below path, children in strcmp order, a folder
 * before what is in it; rel is relative to path.  Follows no symlink below
 * path.  fn returning non-zero ends the walk with that value.
 */
typedef int (*fs_walk_fn)(const char *rel, const struct stat *st, void *data);
int fs_walk(const struct root *r, const char *path, fs_walk_fn fn, void *data) MUST_CHECK;

/* Bytes free for us and inodes free on path's file system (nearest existing folder). */
struct fs_space {
	uint64_t bytes;
	uint64_t inodes;
};
int fs_free_space(const struct root *r, const char *path, struct fs_space *ret) MUST_CHECK;
/* Is the file system of path, which exists, mounted read-only? */
bool fs_is_read_only(const struct root *r, const char *path);
