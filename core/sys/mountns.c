/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mountns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/strv.h"
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

/* ---- overlays ---- */

void mountns_unescape(char *path)
{
	char *to = path;

	for (const char *s = path; *s; s++) {
		unsigned int c;

		if (*s == '\\' && sscanf(s + 1, "%3o", &c) == 1) {
			*to++ = (char)c;
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* Append the mounts below `folder`, in the order in which they were made. */
static int mountns_list(const struct root *r, const char *folder, struct strv *ret)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	AUTO_FREE char *host = root_host_path(r, folder);
	char line[PATH_MAX + 1024], where[PATH_MAX];

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %*d %*s %*s %4095s", where) != 1)
			continue;
		mountns_unescape(where);
		if (path_is_below(where, host) && strcmp(where, host) != 0)
			strv_add(ret, where + strlen(r->path));
	}
	fclose(f);
	return 0;
}

struct mountns_place {
	int fd; /* what is there before anything is laid over it */
	const char *path;
};

/*
 * Mount an overlay at `place`.  Its layers are the folders UPPER/BELOW, as far as they exist, over
 * what `place` has.  If none of them exists, show what `place` has.
 */
static int mountns_lay(const struct root *r, const struct strv *upper, const char *below,
		       const struct mountns_place *place)
{
	AUTO_FD int at = root_openat(r, place->path, O_PATH | O_DIRECTORY, 0);
	AUTO_FREE char *options = xstrdup("lowerdir="), *target = mountns_fd_path(at);
	int *fds = xcalloc(upper->n, sizeof(*fds)), rc;
	size_t n = 0;

	for (size_t i = 0; i < upper->n; i++) {
		AUTO_FREE char *path = xasprintf("%s%s", upper->v[i], below), *old = NULL;

		fds[n] = root_openat(r, path, O_PATH | O_DIRECTORY, 0);
		if (fds[n] < 0)
			continue;
		old = TAKE(options);
		options = xasprintf("%s/proc/self/fd/%d:", old, fds[n++]);
	}
	if (n) {
		AUTO_FREE char *all = xasprintf("%s/proc/self/fd/%d", options, place->fd);

		rc = mount("overlay", target, "overlay", MS_RDONLY, all) < 0 ? -errno : 0;
	} else {
		AUTO_FREE char *was = mountns_fd_path(place->fd);

		rc = mount(was, target, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
	}
	while (n)
		close(fds[--n]);
	free(fds);
	return at < 0 ? at : rc;
}

int mountns_overlay(const struct root *r, const struct strv *upper, const char *to)
{
	AUTO_STRV struct strv below = STRV_INIT;
	struct mountns_place *places = NULL;
	size_t n = 0;
	const char *path;
	int rc;

	strv_add(&below, to);
	rc = mountns_list(r, to, &below);
	STRV_FOREACH (path, &below) {
		struct mountns_place p = { root_openat(r, path, O_PATH | O_DIRECTORY, 0), path };

		if (p.fd >= 0) /* a mount that another one covers, or a file */
			VEC_PUSH(places, n, p);
	}
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = mountns_lay(r, upper, places[i].path + strlen(to), &places[i]);
		close(places[i].fd);
	}
	free(places);
	return rc;
}
