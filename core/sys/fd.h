/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fd - descriptors: complete writes, syncs and copies.
 *
 * Functions that return an int return 0 or -errno, unless their comment says otherwise.  After
 * EINTR they try again.
 */
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/strv.h"
#include "base/util.h"

void fd_closep(int *fd);
/* For an int variable: a descriptor that is closed at the end of the scope, unless negative. */
#define AUTO_FD CLEANUP(fd_closep)

/* Move ownership of *fd to the caller; *fd becomes -1. */
static inline int fd_take(int *fd)
{
	int owned = *fd;

	*fd = -1;
	return owned;
}

/*
 * openat2(2) with O_CLOEXEC.  `resolve` has RESOLVE_... flags.  Returns a descriptor or -errno.
 * The kernel returns EAGAIN if something was renamed meanwhile; then the call is tried again, but
 * not for ever.
 */
int fd_openat2(int dir, const char *path, int flags, mode_t mode, uint64_t resolve) MUST_CHECK;
/*
 * Open a path below the folder `dir`, through no symlink and, where openat2(2) is there, into no
 * other mount.  O_CLOEXEC and O_NOFOLLOW are added: of a symlink, O_PATH opens the link itself.
 * Returns a descriptor or -errno.
 */
int fd_open_beneath(int dir, const char *rel, int flags) MUST_CHECK;
/*
 * Open /dev/null with O_CLOEXEC.  If it is missing, open an empty file in memory instead: in a
 * chroot that is just being filled there may be no devices.  Returns a descriptor, or -1 with
 * errno.
 */
int fd_open_null(int flags) MUST_CHECK;
int fd_write(int fd, const void *data, size_t len) MUST_CHECK;
int fd_sync(int fd) MUST_CHECK;
/* fsync a folder; fd may be O_PATH.  If the file system does not support that, it is no error. */
int fd_sync_dir(int fd) MUST_CHECK;
/*
 * Copy the whole content of one open file into another: by reflink, else by copy_file_range(2),
 * else by read and write.  The caller must have just opened both, and the second must be empty.
 */
int fd_copy(int from, int to) MUST_CHECK;
/* Set the mode.  Unless `times` is NULL, also set atime and mtime to those in `times`. */
int fd_set_mode_and_times(int fd, mode_t mode, const struct stat *times) MUST_CHECK;
/* Copy extended attributes, security labels too, as far as they can be read and set. */
void fd_copy_xattrs(int from, int to);
/* The target of the symlink dir/name; caller frees. */
int fd_readlink(int dir, const char *name, char **ret) MUST_CHECK;
typedef void (*fd_entry_fn)(const char *name, unsigned char type, void *data); /* type: DT_... */
/*
 * Call fn for each entry of the folder but "." and "..", in no order.  fd was opened for reading,
 * and nobody has read from it yet.
 */
int fd_read_folder(int fd, fd_entry_fn fn, void *data) MUST_CHECK;
/* *ret: all names in the folder, in strcmp order.  For fd, see fd_read_folder(). */
int fd_list(int fd, struct strv *ret) MUST_CHECK;
/* Close all descriptors from `first` on. */
void fd_close_from(int first);
