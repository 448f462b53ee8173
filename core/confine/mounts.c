/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "sys/fd.h"
#include "sys/mountns.h"
#include "sys/mutation.h"

#define RECURSIVE 0x8000 /* AT_RECURSIVE, which old libcs do not define */

/* Options of a tmpfs in which the child writes nothing, and of the one at /dev. */
#define SMALL "mode=0755,size=1m"
/* Options of a tmpfs in which it writes.  Without a size, each could take half of the memory. */
#define LARGE "mode=1777,size=25%"

/* ---- read-only ---- */

/*
 * Make the mount at `where` read-only with mount(2), which clears the flags that it is not given.
 * `options` are the mount's own, as mountinfo has them: "rw,nosuid,relatime".
 */
static int mounts_freeze(const char *where, const char *options)
{
	static const struct {
		const char *word;
		unsigned long flag;
	} flags[] = {
		{ "nodev", MS_NODEV },	     { "noexec", MS_NOEXEC },
		{ "noatime", MS_NOATIME },   { "nodiratime", MS_NODIRATIME },
		{ "relatime", MS_RELATIME },
	};
	unsigned long all = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID;
	AUTO_STRV struct strv words = STRV_INIT;

	strv_split(&words, options, ",");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (strv_has(&words, flags[i].word))
			all |= flags[i].flag;
	}
	return mount(NULL, where, NULL, all, NULL) < 0 ? -errno : 0;
}

/*
 * Before Linux 5.12: make each mount read-only that /proc lists.  A mount that is covered by
 * another cannot be reached, neither by us nor by the child, so -EINVAL and -ENOENT are no errors.
 */
static int mounts_freeze_listed(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[PATH_MAX + 1024], where[PATH_MAX], options[1024];
	int r = 0;

	if (!f)
		return -errno;
	while (r == 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %*d %*s %*s %4095s %1023s", where, options) != 2) {
			r = -EIO;
			break;
		}
		mountns_unescape(where);
		r = mounts_freeze(where, options);
		if (r == -EINVAL || r == -ENOENT || r == -ENOTDIR)
			r = 0;
	}
	fclose(f);
	return r;
}

/* Make all mounts below the descriptor `all` read-only, without set-user-ID programs. */
static int mounts_freeze_all(int all)
{
#ifdef SYS_mount_setattr
	/* struct mount_attr of mount_setattr(2), which old libcs do not define: attr_set, attr_clr,
	 * propagation, userns_fd.  1 is MOUNT_ATTR_RDONLY, 2 is MOUNT_ATTR_NOSUID. */
	uint64_t attr[4] = { 1 | 2 };

	if (syscall(SYS_mount_setattr, all, "", AT_EMPTY_PATH | RECURSIVE, attr, sizeof(attr)) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
#else
	(void)all;
#endif
	return mounts_freeze_listed();
}

/* ---- folders that are shown or writable ---- */

/* A folder that the child is to see at its place, opened before anything is hidden. */
struct mounts_place {
	int fd;
	const char *path;
	bool writable;
};

struct mounts_places {
	struct mounts_place *v;
	size_t n;
};

static void mounts_places_release(struct mounts_places *p)
{
	for (size_t i = 0; i < p->n; i++)
		close(p->v[i].fd);
	free(p->v);
}

static bool mounts_is_hidden(const struct confine *c, const char *path)
{
	for (size_t i = 0; i < inside_n_hidden; i++) {
		if (path_is_below(path, inside_hidden[i]))
			return true;
	}
	return path_is_below(path, "/tmp") || (c->tmp && path_is_below(path, c->tmp));
}

static int mounts_open(const struct confine *c, const struct strv *paths, bool writable,
		       struct mounts_places *ret)
{
	const char *path;

	STRV_FOREACH (path, paths) {
		int fd;

		if (!writable && !mounts_is_hidden(c, path))
			continue;
		fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		/* The caller has removed it since it was named, for an earlier child. */
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			return -errno;
		VEC_PUSH(ret->v, ret->n, ((struct mounts_place){ fd, path, writable }));
	}
	return 0;
}

static int mounts_open_outbox(const struct confine *c, struct mounts_places *ret)
{
	int fd = open(c->outbox, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	VEC_PUSH(ret->v, ret->n, ((struct mounts_place){ fd, c->outbox_at, true }));
	return 0;
}

/* mkdir -p in one of the fresh folders. */
static int mounts_mkdir(const char *path)
{
	AUTO_FREE char *copy = xstrdup(path);

	for (char *s = copy + 1; *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST && errno != EROFS)
			return -errno;
		*s = '/';
	}
	return mkdir(copy, 0755) < 0 && errno != EEXIST && errno != EROFS ? -errno : 0;
}

/*
 * mount(2) takes no descriptor as source.  So enter the folder and pass ".".  A path in /proc would
 * do, too, but /proc may be hidden.
 */
static int mounts_bind(const struct mounts_place *p)
{
	unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV;
	int r = mounts_mkdir(p->path);

	if (r < 0)
		return r;
	if (fchdir(p->fd) < 0 || mount(".", p->path, NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    mount(NULL, p->path, NULL, p->writable ? flags : flags | MS_RDONLY, NULL) < 0)
		return -errno;
	return 0;
}

/* ---- what is hidden ---- */

static int mounts_cover(const char *path, const char *options)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0 ? -errno : 0;
}

/* Cover the files of c->hide with /dev/null, and the folders with empty ones. */
static int mounts_hide(const struct confine *c)
{
	const char *path;
	struct stat st;

	if (mutation("confine-key-visible"))
		return 0;
	STRV_FOREACH (path, &c->hide) {
		int r = 0;

		if (lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			r = mounts_cover(path, SMALL);
		else if (mount("/dev/null", path, NULL, MS_BIND, NULL) < 0)
			r = -errno;
		if (r < 0)
			return r;
	}
	return 0;
}

/* A device: the machine's own, or a new one where the root has none. */
static int mounts_device(const char *folder, const struct inside_device *d)
{
	AUTO_FREE char *here = xasprintf("%s/%s", folder, d->path + strlen("/dev/"));
	AUTO_FD int fd = -1;
	struct stat st;

	/* Where /dev is empty, a shell of root that writes to /dev/null leaves a file there. */
	if (stat(d->path, &st) < 0 || !S_ISCHR(st.st_mode))
		return mknod(here, S_IFCHR | 0666, makedev(1, d->minor_number)) < 0
			       ? -errno
			       : chmod(here, 0666);
	fd = open(here, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0 || mount(d->path, here, NULL, MS_BIND, NULL) < 0)
		return -errno;
	return 0;
}

static int mounts_fill_dev(const char *folder)
{
	static const char *const links[][2] = { { "fd", "/proc/self/fd" },
						{ "stdin", "/proc/self/fd/0" },
						{ "stdout", "/proc/self/fd/1" },
						{ "stderr", "/proc/self/fd/2" } };
	AUTO_FREE char *shm = xasprintf("%s/shm", folder);
	int r = mkdir(shm, 01777) < 0 || chmod(shm, 01777) < 0 ? -errno : 0;

	for (size_t i = 0; r == 0 && i < inside_n_devices; i++)
		r = mounts_device(folder, &inside_devices[i]);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(links); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, links[i][0]);

		if (symlink(links[i][1], path) < 0)
			r = -errno;
	}
	return r;
}

/*
 * A /dev with five devices.  It is made in the fresh /tmp, while the machine's /dev can still be
 * seen, and then moved.
 */
static int mounts_devices(void)
{
	static const char made[] = "/tmp/.dev";
	int r;

	if (mkdir(made, 0755) < 0 || mount("tmpfs", made, "tmpfs", MS_NOSUID, SMALL) < 0)
		return -errno;
	r = mounts_fill_dev(made);
	if (r == 0 && mount(made, "/dev", NULL, MS_MOVE, NULL) < 0)
		r = errno == ENOENT ? 0 : -errno;
	return r == 0 && rmdir(made) < 0 && errno != EBUSY ? -errno : r;
}

/* ---- all of it ---- */

static int mounts_arrange(const struct confine *c, int all, struct mounts_places *places)
{
	int r = mounts_open(c, &c->show, false, places);

	if (r == 0)
		r = mounts_open(c, &c->write, true, places);
	if (r == 0 && c->outbox)
		r = mounts_open_outbox(c, places);
	if (r == 0)
		r = mounts_freeze_all(all);
	for (size_t i = 0; r == 0 && i < inside_n_hidden; i++)
		r = mounts_cover(inside_hidden[i], SMALL);
	if (r == 0)
		r = mounts_cover("/tmp", LARGE);
	if (r == 0 && c->tmp)
		r = mounts_cover(c->tmp, LARGE);
	if (r == 0)
		r = mounts_devices();
	for (size_t i = 0; r == 0 && i < places->n; i++)
		r = mounts_bind(&places->v[i]);
	/* Hide last, because the key may lie in a folder that is shown. */
	if (r == 0)
		r = mounts_hide(c);
	return r < 0 ? r : (chdir("/") < 0 ? -errno : 0);
}

/*
 * Keep what is mounted from now on away from the machine.  In a plain chroot "/" is no mount point,
 * and cannot be made private: a mount could appear outside, and stay there.  But /proc is one.  So
 * lay all of "/" over /proc, where it is private, and make that the root.
 */
static int mounts_make_private(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return 0;
	if (errno != EINVAL || mount(NULL, "/proc", NULL, MS_PRIVATE, NULL) < 0 ||
	    mount("/", "/proc", NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    mount(NULL, "/proc", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || chdir("/proc") < 0 ||
	    chroot(".") < 0)
		return -errno;
	return 0;
}

int mounts_make(const struct confine *c, const struct proc_spec *spec)
{
	CLEANUP(mounts_places_release) struct mounts_places places = { NULL, 0 };
	AUTO_FD int all = -1;
	int r;

	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	r = mounts_make_private();
	if (r < 0)
		return r;
	all = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (all < 0)
		return -errno;
	r = root_enter(spec->root, true);
	return r < 0 || mutation("confine-no-mounts") ? r : mounts_arrange(c, all, &places);
}

int mounts_proc(void)
{
	struct stat st;

	if (lstat("/proc", &st) < 0 || mutation("confine-no-mounts"))
		return 0;
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ? -errno
											  : 0;
}
