/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mountns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "base/alloc.h"
#include "sys/fd.h"

int mountns_enter(struct root *r)
{
	AUTO_FREE char *path = xstrdup(*r->path ? r->path : "/");
	struct root again;
	int rc;

	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	rc = root_open(path, &again);
	if (rc < 0)
		return rc;
	root_close(r);
	*r = again;
	return 0;
}

/*
 * A path that leads to the folder that fd has open, because mount(2) takes only paths.  Caller
 * frees.
 */
static char *mountns_fd_path(int fd)
{
	return xasprintf("/proc/self/fd/%d", fd);
}

int mountns_bind(const struct root *r, const char *from, const char *to)
{
	AUTO_FD int a = root_openat(r, from, O_PATH | O_DIRECTORY, 0);
	AUTO_FD int b = root_openat(r, to, O_PATH | O_DIRECTORY, 0);
	AUTO_FREE char *source = NULL, *target = NULL;

	if (a < 0 || b < 0)
		return a < 0 ? a : b;
	source = mountns_fd_path(a);
	target = mountns_fd_path(b);
	return mount(source, target, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

int mountns_unbind(const struct root *r, const char *to)
{
	AUTO_FREE char *path = root_host_path(r, to);

	return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 ? -errno : 0;
}
