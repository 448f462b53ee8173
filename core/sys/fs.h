/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fs - plain file-system work below a root: look, read, copy, remove.
 *
 * Paths are absolute inside the root (root.h).  Nothing here is durable or atomic; what must
 * survive a crash goes through atomic.h or tx/tx.h.  Functions that return an int return 0 or
 * -errno, unless their comment says otherwise.
 */
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/strv.h"
#include "sys/root.h"

/* mtime in nanoseconds since the epoch. */
static inline int64_t fs_mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

int fs_stat(const struct root *r, const char *path, struct stat *ret) MUST_CHECK;
int fs_lstat(const struct root *r, const char *path, struct stat *ret) MUST_CHECK;
/* These three follow symlinks, and return false after any error. */
bool fs_exists(const struct root *r, const char *path);
bool fs_is_dir(const struct root *r, const char *path);
bool fs_is_file(const struct root *r, const char *path);
/*
 * May this process write into the folder (access(2), W_OK|X_OK)?  Returns 0 if it may, else e.g.
 * -EACCES, -EROFS or -ENOENT.
 */
int fs_may_write(const struct root *r, const char *path) MUST_CHECK;

/*
 * Open a regular file for reading.  If somebody else may have put something at `path`, use only
 * this function.  It does not block on a fifo or device, and a terminal does not become our
 * controlling terminal.  `flags`: 0 or O_NOFOLLOW.  Returns a descriptor or -errno; -EINVAL: not a
 * regular file.
 */
int fs_open_file(const struct root *r, const char *path, int flags) MUST_CHECK;
/*
 * Append the content of a file, opened by fs_open_file(), to b.  -EFBIG: the file has more than
 * `max` bytes.  After an error b is unchanged.
 */
int fs_read(const struct root *r, const char *path, size_t max, struct buf *b) MUST_CHECK;
/* Are both of them regular files, or links to such, with the same bytes? */
bool fs_same_bytes(const struct root *r, const char *a, const char *b);
/*
 * Append a newline and the content of each file in a folder to b, in the order of fs_list().  If
 * fs_read() cannot read a file, only the newline is appended.  If the folder cannot be listed,
 * nothing is.
 */
void fs_read_folder(const struct root *r, const char *folder, size_t max, struct buf *b);
/* As fs_read().  *ret gets what fstat(2) says of the file that was read. */
int fs_read_stat(const struct root *r, const char *path, size_t max, struct buf *b,
		 struct stat *ret) MUST_CHECK;
/* Content of a symlink; caller frees. */
int fs_readlink(const struct root *r, const char *path, char **ret) MUST_CHECK;
/* *ret: all names in the folder but "." and "..", in strcmp order. */
int fs_list(const struct root *r, const char *path, struct strv *ret) MUST_CHECK;

/* mkdir -p with mode 0755 less the umask; existing folders are left as they are. */
int fs_mkdir_p(const struct root *r, const char *path) MUST_CHECK;
/* unlink(2); a missing file is success. */
int fs_unlink(const struct root *r, const char *path) MUST_CHECK;
/* rmdir(2); a folder that is missing or not empty is success. */
int fs_rmdir_if_empty(const struct root *r, const char *path) MUST_CHECK;
/*
 * rm -rf.  A symlink at or below `path` is removed, not followed.  If there is nothing at `path`,
 * that is success.  -EBUSY: a mount point is at or below `path`.
 */
int fs_remove_tree(const struct root *r, const char *path) MUST_CHECK;
int fs_symlink(const struct root *r, const char *target, const char *path) MUST_CHECK;
/* renameat(2); a file at `to` is replaced. */
int fs_rename(const struct root *r, const char *from, const char *to) MUST_CHECK;
int fs_chmod(const struct root *r, const char *path, mode_t mode) MUST_CHECK;

/*
 * Copy all regular files, folders and symlinks in the folder `from` into the folder `to`, which
 * must exist.  The copies have the atime and mtime of the originals, but belong to us.  Of each
 * mode only the bits of 0755 are kept.  So nobody else can write a copy, and no copy is
 * set-user-ID.  Sockets, fifos and devices are left out.
 *
 * -ENOENT: a file vanished meanwhile; -EINVAL: `to` lies in `from`.
 */
int fs_copy_tree(const struct root *r, const char *from, const char *to) MUST_CHECK;
/*
 * Copy one regular file and its extended attributes.  Mode, times and owner of the copy are as in
 * fs_copy_tree().  If `from` is a symlink, the file that it leads to is copied.  -EEXIST: `to`
 * exists.
 */
int fs_copy_file(const struct root *r, const char *from, const char *to) MUST_CHECK;

/*
 * Call fn for everything below `path`: in strcmp order, a folder before what is in it.  `rel` is
 * relative to `path`.  No symlink below `path` is followed.  If fn does not return 0 the walk ends
 * and returns that value.
 */
typedef int (*fs_walk_fn)(const char *rel, const struct stat *st, void *data);
int fs_walk(const struct root *r, const char *path, fs_walk_fn fn, void *data) MUST_CHECK;

/*
 * How much is free on the file system of `path`.  If `path` does not exist, the nearest existing
 * folder above it is taken.  The blocks that are reserved for root count as free only if we are
 * root.
 */
struct fs_space {
	uint64_t bytes;
	uint64_t inodes;
};
int fs_free_space(const struct root *r, const char *path, struct fs_space *ret) MUST_CHECK;
/* Is the file system of `path` mounted read-only?  False if `path` does not exist. */
bool fs_is_read_only(const struct root *r, const char *path);
