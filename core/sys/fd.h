/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fd - descriptors, private to sys: whole writes, syncs and copies.
 *
 * All return 0 or -errno and retry EINTR.
 */
#include <stdint.h>
#include <sys/types.h>

#include "base/strv.h"
#include "base/util.h"

void fd_closep(int *fd);
/* int, closed at the end of its scope unless negative. */
#define AUTO_FD CLEANUP(fd_closep)

/*
 * openat2(2) with O_CLOEXEC and these RESOLVE_... flags: a descriptor or -errno.  EAGAIN, when
 * something is renamed meanwhile, is tried again.
 */
int fd_openat2(int dir, const char *path, int flags, mode_t mode, uint64_t resolve) MUST_CHECK;
int fd_write(int fd, const void *data, size_t len) MUST_CHECK;
int fd_sync(int fd) MUST_CHECK;
/* fsync of a folder; fd may be an O_PATH one.  File systems that cannot do it are forgiven. */
int fd_sync_dir(int fd) MUST_CHECK;
/* The rest of from appended to to: reflink, else copy_file_range, else read and write. */
int fd_copy(int from, int to) MUST_CHECK;
/* Extended attributes (labels too), as far as they can be had and set. */
void fd_copy_xattrs(int from, int to);
/* Names in the folder without "." and "..", in strcmp order.  fd may be an O_PATH one. */
int fd_list(int fd, struct strv *ret) MUST_CHECK;
