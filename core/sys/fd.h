/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fd - descriptors: complete writes, syncs and copies.
 *
 * All functions return 0 or what is said, or -errno; they try again after EINTR.
 */
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/strv.h"
#include "base/util.h"

void fd_closep(int *fd);
/* int, closed at the end of its scope unless negative. */
#define AUTO_FD CLEANUP(fd_closep)

/* Move ownership of *fd to the caller; *fd becomes -1. */
static inline int fd_take(int *fd)
{
	int owned = *fd;

	*fd = -1;
	return owned;
}

/*
 * openat2(2) with O_CLOEXEC; resolve: its RESOLVE_... flags.  Returns a descriptor or -errno.
 * EAGAIN, which the kernel returns if something was renamed meanwhile, is tried again.
 */
int fd_openat2(int dir, const char *path, int flags, mode_t mode, uint64_t resolve) MUST_CHECK;
int fd_write(int fd, const void *data, size_t len) MUST_CHECK;
int fd_sync(int fd) MUST_CHECK;
/* fsync a folder; fd may be O_PATH.  Not supported by the file system is no error. */
int fd_sync_dir(int fd) MUST_CHECK;
/* Copy the rest of from to to: reflink, else copy_file_range(2), else read and write. */
int fd_copy(int from, int to) MUST_CHECK;
/* Mode, and atime and mtime as in times; NULL: only the mode. */
int fd_set_mode_and_times(int fd, mode_t mode, const struct stat *times) MUST_CHECK;
/* Copy extended attributes, security labels too, as far as they can be read and set. */
void fd_copy_xattrs(int from, int to);
/* The target of the symlink dir/name; caller frees. */
int fd_readlink(int dir, const char *name, char **ret) MUST_CHECK;
/* Names in a folder without "." and "..", in strcmp order.  fd may be O_PATH. */
int fd_list(int fd, struct strv *ret) MUST_CHECK;
