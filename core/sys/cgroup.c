/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "sys/fd.h"

#define CGROUP_MOUNT "/sys/fs/cgroup"
#define CGROUP_NAME  "dkms-child-"

enum {
	NAMES = 100,	   /* of the groups that one process has at a time */
	REMOVE_TRIES = 50, /* the kernel needs a moment for processes that have just ended */
	TEXT_MAX = 4096,
};

struct cgroup {
	int parent, folder;
	char *name; /* in the folder `parent` */
};

static int cgroup_read(int folder, const char *file, char *ret, size_t size)
{
	AUTO_FD int fd = openat(folder, file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

static int cgroup_write(int folder, const char *file, const char *text)
{
	AUTO_FD int fd = openat(folder, file, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd_write(fd, text, strlen(text));
}

static void cgroup_try(int folder, const char *file, const char *text)
{
	int r = cgroup_write(folder, file, text);

	(void)r;
}

/* Before Linux 5.14 there is no such file. */
static void cgroup_kill_all(int folder)
{
	cgroup_try(folder, "cgroup.kill", "1");
}

/* ---- limits ---- */

/*
 * Seven eighths of the memory that is free now: if a child could take all of it, the machine would
 * come to a stand before the kernel ends a process.  What a child uses beyond that is swapped out.
 */
static unsigned long long cgroup_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	unsigned long long all = (unsigned long long)pages * (unsigned long long)page, left;
	char text[TEXT_MAX];
	const char *line;

	if (cgroup_read(AT_FDCWD, "/proc/meminfo", text, sizeof(text)) < 0)
		return all;
	line = strstr(text, "\nMemAvailable:");
	if (!line || sscanf(line, "\nMemAvailable: %llu kB", &left) != 1)
		return all;
	left = left * 1024 / 8 * 7;
	return left > all / 4 ? left : all / 4;
}

/* Set the limit, or that of our own group if that is lower. */
static int cgroup_limit(const struct cgroup *g, int own, const char *file, unsigned long long max)
{
	char text[TEXT_MAX];
	unsigned long long limit;

	/* The topmost group has no such file, and "max" is no number. */
	if (cgroup_read(own, file, text, sizeof(text)) == 0 && sscanf(text, "%llu", &limit) == 1 &&
	    limit < max)
		max = limit;
	snprintf(text, sizeof(text), "%llu", max);
	return cgroup_write(g->folder, file, text);
}

/*
 * Limits of our own group, which do not apply to a group beside it and are copied to that group.
 * `unset` is the content of a file in which nothing was set: it is not copied.
 */
static const struct {
	const char *file, *unset;
} cgroup_inherited[] = {
	{ "cpu.max", "max 100000" },  { "cpu.idle", "0" },   { "cpu.weight", "100" },
	{ "cpuset.cpus", "" },	      { "cpuset.mems", "" }, { "memory.high", "max" },
	{ "memory.swap.max", "max" },
};

static int cgroup_inherit(const struct cgroup *g, int own)
{
	char text[TEXT_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(cgroup_inherited); i++) {
		/* Our own group has no files of a controller that is not given to it. */
		if (cgroup_read(own, cgroup_inherited[i].file, text, sizeof(text)) < 0)
			continue;
		text[strcspn(text, "\n")] = '\0';
		/* The weight of a group with cpu.idle=1 reads "0", which cannot be written. */
		if (strcmp(cgroup_inherited[i].file, "cpu.weight") == 0 && strcmp(text, "0") == 0)
			continue;
		if (strcmp(text, cgroup_inherited[i].unset) != 0)
			r = cgroup_write(g->folder, cgroup_inherited[i].file, text);
	}
	return r;
}

/* ---- where ---- */

/* Print the path of our own group; "" if the machine does not use version 2 alone. */
static void cgroup_find_own(struct buf *ret)
{
	char text[TEXT_MAX];
	struct statfs st;

	if (statfs(CGROUP_MOUNT, &st) < 0 || st.f_type != CGROUP2_SUPER_MAGIC ||
	    cgroup_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) < 0 ||
	    !str_begins(text, "0::/"))
		return;
	text[strcspn(text, "\n")] = '\0';
	/* A group outside of our cgroup namespace cannot be reached. */
	if (!strstr(text, "/.."))
		buf_addf(ret, CGROUP_MOUNT "%s", text + strlen("0::"));
}

/*
 * The name of a group begins with this prefix and the pid of the process that made the group.  The
 * pid is valid in one PID namespace only, so the prefix has the number of that namespace.
 */
static char *cgroup_prefix(void)
{
	struct stat st = { .st_ino = 0 };

	if (stat("/proc/self/ns/pid", &st) < 0)
		st.st_ino = 0;
	return xasprintf(CGROUP_NAME "%llu-", (unsigned long long)st.st_ino);
}

/* End and remove the groups that killed processes have left in this folder. */
static void cgroup_sweep(int parent)
{
	AUTO_FREE char *prefix = cgroup_prefix();
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fd_list(parent, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		int pid = str_begins(name, prefix) ? atoi(name + strlen(prefix)) : 0;
		AUTO_FD int folder = -1;

		if (pid <= 0 || kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		cgroup_kill_all(folder);
		unlinkat(parent, name, AT_REMOVEDIR);
	}
}

static int cgroup_mkdir(struct cgroup *g)
{
	AUTO_FREE char *prefix = cgroup_prefix();

	for (int i = 0; i < NAMES; i++) {
		AUTO_FREE char *name = xasprintf("%s%d-%d", prefix, (int)getpid(), i);

		if (mkdirat(g->parent, name, 0755) == 0) {
			g->name = TAKE(name);
			return 0;
		}
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

void cgroup_kill(const struct cgroup *g)
{
	cgroup_kill_all(g->folder);
}

void cgroup_free(struct cgroup *g)
{
	struct timespec tick = { 0, 1000000 };

	if (!g)
		return;
	cgroup_kill(g);
	for (int i = 0; g->name && i < REMOVE_TRIES; i++) {
		if (unlinkat(g->parent, g->name, AT_REMOVEDIR) == 0 || errno != EBUSY)
			break;
		nanosleep(&tick, NULL);
	}
	fd_closep(&g->folder);
	fd_closep(&g->parent);
	free(g->name);
	free(g);
}

/*
 * Make a group in the folder `parent`.  `beside`: the new group lies beside our own, not below it.
 * Takes ownership of `parent`.
 */
static int cgroup_make_in(int parent, int own, bool beside, unsigned int max_processes,
			  struct cgroup **ret)
{
	struct cgroup *g = xcalloc(1, sizeof(*g));
	int r;

	*g = (struct cgroup){ .parent = parent, .folder = -1 };
	r = cgroup_mkdir(g);
	if (r == 0)
		g->folder = openat(parent, g->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r == 0 && g->folder < 0)
		r = -errno;
	if (r == 0)
		r = cgroup_limit(g, own, "memory.max", cgroup_memory());
	if (r == 0)
		r = cgroup_limit(g, own, "pids.max", max_processes);
	if (r == 0 && beside)
		r = cgroup_inherit(g, own);
	if (r < 0) {
		cgroup_free(g);
		return r;
	}
	*ret = g;
	return 0;
}

struct cgroup *cgroup_make(unsigned int max_processes, const char **ret_why)
{
	static const char *const places[] = { ".", ".." };
	AUTO_BUF struct buf path = BUF_INIT;
	struct cgroup *g = NULL;
	AUTO_FD int own = -1;
	int r = -ENOENT;

	cgroup_find_own(&path);
	if (path.len)
		own = open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own < 0) {
		*ret_why = "there is no cgroup v2 here";
		return NULL;
	}
	for (size_t i = 0; r < 0 && i < ARRAY_SIZE(places); i++) {
		int parent = openat(own, places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct statfs st;

		/* Beside the topmost group there is another file system. */
		if (parent < 0 || fstatfs(parent, &st) < 0 || st.f_type != CGROUP2_SUPER_MAGIC) {
			fd_closep(&parent);
			continue;
		}
		cgroup_sweep(parent);
		r = cgroup_make_in(parent, own, strcmp(places[i], "..") == 0, max_processes, &g);
	}
	*ret_why = r == -ENOENT ? "the controllers memory and pids are not given" : error_text(r);
	return g;
}

void cgroup_enter(const struct cgroup *g)
{
	cgroup_try(g->folder, "cgroup.procs", "0");
}

bool cgroup_out_of_memory(const struct cgroup *g)
{
	char text[TEXT_MAX];
	const char *line;

	if (cgroup_read(g->folder, "memory.events", text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "\noom_kill ");
	return line && line[strlen("\noom_kill ")] != '0';
}
