/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * root - the file system that the engine works on, as one descriptor.
 *
 * All paths in the engine are "absolute inside the root": they begin with '/', which stands for the
 * root's folder, wherever that is on the machine.  Symlinks, absolute ones too, stay inside the
 * root (openat2(2), RESOLVE_IN_ROOT), so /lib/modules/K/build -> /usr/src/... is followed within
 * it.  Host paths are made by root_host_path(), for messages and children only.
 *
 * The root "/" needs only openat(2).  Any other root needs openat2(2), and is refused with -ENOSYS
 * where that is missing (Linux < 5.6, some seccomp filters).
 */
#include <sys/types.h>

#include "base/strv.h"
#include "base/util.h"

struct root {
	int fd;		     /* O_PATH|O_DIRECTORY|O_CLOEXEC */
	char *path;	     /* host path without final '/'; "" for the process's own root */
	struct looks *looks; /* what was looked at is noted here (looks.h); NULL: nowhere */
};

/* Open a root: `path` is "/" or a folder of the host.  Returns 0, -ENOSYS (see above) or -errno. */
int root_open(const char *path, struct root *ret) MUST_CHECK;
void root_close(struct root *r);
/* Is it a root other than the process's own? */
bool root_is_foreign(const struct root *r);

/*
 * chroot into the root `r`, and make it the current folder.  Do nothing if `r` is NULL or is the
 * process's own root.  `by_path`: use the path, not r->fd, because this process has a new mount
 * namespace and r->fd leads to the old mounts.
 */
int root_enter(const struct root *r, bool by_path) MUST_CHECK;

/* open(2) below the root; O_CLOEXEC is added.  Returns a descriptor or -errno. */
int root_openat(const struct root *r, const char *path, int flags, mode_t mode) MUST_CHECK;
/*
 * Open the folder that holds the last component of `path`.  Symlinks on the way are followed; the
 * last component itself is not looked at.  *ret_name points to the last component, inside `path`.
 * Returns an O_PATH descriptor or -errno; -EINVAL: `path` is relative, or ends in '/', "." or "..".
 */
int root_open_parent(const struct root *r, const char *path, const char **ret_name) MUST_CHECK;
/*
 * Set *ret to `path` without symlinks, absolute inside the root.  All of `path` must exist.  Caller
 * frees.
 */
int root_realpath(const struct root *r, const char *path, char **ret) MUST_CHECK;
/*
 * As root_realpath().  *ret_way gets the folders on the way to *ret, also those that hold the
 * symlinks.  "/" comes first; *ret, where the way ends, is not added.  None of the paths has a
 * symlink in it.
 */
int root_way(const struct root *r, const char *path, struct strv *ret_way, char **ret) MUST_CHECK;
/* Do both paths lead to the same place?  Also false if one of them cannot be resolved. */
bool root_same_place(const struct root *r, const char *a, const char *b);
/* Note a look at the path itself, for the functions that read links. */
void root_note_link(const struct root *r, const char *path);
/* The path on the host: r->path and `path` joined.  Caller frees. */
char *root_host_path(const struct root *r, const char *path);
