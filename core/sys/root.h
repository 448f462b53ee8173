/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * root - the file system that the engine works on, as one descriptor.
 *
 * Every path in sys and engine is "absolute inside the root": it begins with
 * '/' and means that place below the root's folder, wherever that is on the
 * machine.  Symlinks on the way, absolute ones included, stay inside the root
 * (openat2(2) RESOLVE_IN_ROOT), so /lib/modules/K/build -> /usr/src/... is
 * followed within it.  Only children and people get to see host paths, made
 * by root_host_path().
 *
 * Where openat2 does not exist (Linux < 5.6, some seccomp filters) a root of
 * "/" works with plain openat(2); another root is refused with -ENOSYS.
 */
#include <sys/types.h>

#include "base/strv.h"
#include "base/util.h"

struct root {
	int fd;	    /* O_PATH|O_DIRECTORY|O_CLOEXEC */
	char *path; /* host path without final '/', "" for the machine's own root */
};

/* path: "/" or a folder.  -ENOENT, -ENOTDIR, -EACCES, -ENOSYS. */
int root_open(const char *path, struct root *ret) MUST_CHECK;
void root_close(struct root *r);
/* Is it another root than the process's own? */
bool root_is_foreign(const struct root *r);

/* open(2) below the root; O_CLOEXEC is added.  Returns a descriptor or -errno. */
int root_openat(const struct root *r, const char *path, int flags, mode_t mode) MUST_CHECK;
/*
 * The folder that holds path's last component, with symlinks in the *parent*
 * resolved, the last component itself not touched.  ret_name points into
 * path.  Returns an O_PATH descriptor or -errno; "/" and a last component of
 * "." or ".." are -EINVAL.
 */
int root_open_parent(const struct root *r, const char *path, const char **ret_name) MUST_CHECK;
/* Path with all symlinks resolved, absolute inside the root; caller frees. */
int root_realpath(const struct root *r, const char *path, char **ret) MUST_CHECK;
/*
 * The same, and every folder that was gone through on the way, "/" first, each resolved itself:
 * also those that hold the links.  The end itself is none of them.
 */
int root_way(const struct root *r, const char *path, struct strv *ret_way, char **ret) MUST_CHECK;
/* Do both paths, without links, name one place?  false also if one cannot be resolved. */
bool root_same_place(const struct root *r, const char *a, const char *b);
/* root.path + path: for messages and children.  Caller frees. */
char *root_host_path(const struct root *r, const char *path);
