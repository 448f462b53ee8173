/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fd.h"
#include "sys/mutation.h"

/* From landlock(7), because the headers of an old libc or kernel lack a part of it or all. */
#define LANDLOCK_CREATE	  444 /* the numbers are the same on every architecture */
#define LANDLOCK_ADD_RULE 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_VERSION  1U /* flag: return the version */
#define RULE_PATH	  1

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_VERSION_1 =
		(1 << 13) - 1,	/* all rights of version 1: these four, remove, make, symlink */
	FS_REFER = 1 << 13,	/* version 2 */
	FS_TRUNCATE = 1 << 14,	/* version 3 */
	FS_IOCTL_DEV = 1 << 15, /* version 5 */
	FS_READ = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR,
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,
	FS_OF_DEVICES = FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,
	SCOPE_ABSTRACT_SOCKET = 1, /* version 6 */
	SCOPE_SIGNAL = 2,
};

struct landlock_rules {
	uint64_t handled_fs, handled_net, scoped;
};

struct landlock_path {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

unsigned int landlock_version(void)
{
	long r = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);

	return r > 0 ? (unsigned int)r : 0;
}

static uint64_t landlock_rights(unsigned int version)
{
	uint64_t rights = FS_VERSION_1;

	if (version >= 2)
		rights |= FS_REFER;
	if (version >= 3)
		rights |= FS_TRUNCATE;
	if (version >= 5)
		rights |= FS_IOCTL_DEV;
	return rights;
}

/*
 * A path that does not exist needs no right.  `rights` must be among those that the rules handle:
 * the kernel refuses any other.
 */
static int landlock_allow(int rules, const char *path, uint64_t rights)
{
	AUTO_FD int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path p = { rights, fd };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISDIR(st.st_mode))
		p.allowed &= FS_OF_FILES | FS_IOCTL_DEV;
	return syscall(LANDLOCK_ADD_RULE, rules, RULE_PATH, &p, 0) < 0 ? -errno : 0;
}

/* A right on "/" would hold for all below it.  To leave out /home, name all the others. */
static int landlock_allow_reading(int rules)
{
	DIR *dir = opendir("/");
	struct dirent *d;
	int r = dir ? 0 : -errno;

	while (r == 0 && (d = readdir(dir))) {
		AUTO_FREE char *path = xasprintf("/%s", d->d_name);

		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
		    !inside_hides(path))
			r = landlock_allow(rules, path, FS_READ);
	}
	if (dir)
		closedir(dir);
	return r;
}

static int landlock_fill(const struct confine *c, int rules, uint64_t rights)
{
	const char *path;
	int r = landlock_allow_reading(rules);

	for (size_t i = 0; r == 0 && i < inside_n_devices; i++)
		r = landlock_allow(rules, inside_devices[i].path, rights & FS_OF_DEVICES);
	STRV_FOREACH (path, &c->show) {
		if (r == 0)
			r = landlock_allow(rules, path, FS_READ);
	}
	STRV_FOREACH (path, &c->write) {
		if (r == 0)
			r = landlock_allow(rules, path, rights);
	}
	if (r == 0 && c->outbox)
		r = landlock_allow(rules, c->outbox_at, rights);
	if (r == 0 && c->tmp)
		r = landlock_allow(rules, c->tmp, rights);
	return r < 0 ? r : landlock_allow(rules, "/tmp", rights);
}

int landlock_restrict(const struct confine *c)
{
	uint64_t rights = landlock_rights(c->landlock);
	struct landlock_rules attr = { .handled_fs = rights };
	AUTO_FD int rules = -1;
	int r;

	if (mutation("confine-no-landlock"))
		return 0;
	if (c->landlock >= 6)
		attr.scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
	/* An older kernel takes the whole structure, if the members that it does not know are 0. */
	rules = (int)syscall(LANDLOCK_CREATE, &attr, sizeof(attr), 0);
	if (rules < 0)
		return -errno;
	r = landlock_fill(c, rules, rights);
	if (r == 0 && syscall(LANDLOCK_RESTRICT, rules, 0) < 0)
		r = -errno;
	return r;
}
