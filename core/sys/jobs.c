/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"

#define JOB_BYTES (256ULL << 20)
enum { OWN_FDS = 64, FDS_PER_JOB = 8 };

/* ---- the pipe ---- */

int jobs_open(struct jobs *j, unsigned int n)
{
	AUTO_FREE char *path = NULL;
	int r;

	*j = (struct jobs)JOBS_INIT;
	if (pipe2(j->fds, O_CLOEXEC) < 0)
		return -errno;
	/*
	 * Open the read end a second time: dup(2) would set O_NONBLOCK for fds[0], too.  make reads
	 * from fds[0], and old versions of make fail on EAGAIN.
	 */
	path = xasprintf("/proc/self/fd/%d", j->fds[0]);
	j->take = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	r = j->take < 0 ? -errno : 0;
	for (j->n = 0; r == 0 && j->n < n; j->n++)
		jobs_put(j);
	if (r < 0)
		jobs_close(j);
	return r;
}

void jobs_close(struct jobs *j)
{
	int *fds[] = { &j->fds[0], &j->fds[1], &j->take };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

bool jobs_take(struct jobs *j)
{
	char c;
	ssize_t n;

	do {
		n = read(j->take, &c, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

void jobs_put(struct jobs *j)
{
	while (write(j->fds[1], "+", 1) < 0 && errno == EINTR)
		;
}

void jobs_settle(struct jobs *j)
{
	int have = 0;

	if (j->take < 0 || ioctl(j->take, FIONREAD, &have) < 0)
		return;
	for (; have < (int)j->n; have++)
		jobs_put(j);
	for (; have > (int)j->n && jobs_take(j); have--)
		;
}

/* ---- how many ---- */

static unsigned long long jobs_read_number(const char *path, const char *key,
					   unsigned long long none)
{
	char line[256];
	unsigned long long value = none;
	FILE *f = fopen(path, "re");
	size_t n = strlen(key);

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, n) == 0 && sscanf(line + n, " %llu", &value) == 1)
			break;
	}
	if (f)
		fclose(f);
	return value;
}

/*
 * Where a version of cgroups has its memory limits.  See Documentation/admin-guide/cgroup-v2.rst
 * and cgroup-v1/memory.rst of Linux.
 */
struct cgroup_files {
	const char *entry; /* in /proc/self/cgroup: what stands before our cgroup's path */
	const char *mount;
	const char *limit, *used, *reclaimable;
};
static const struct cgroup_files cgroup_versions[] = {
	{ "0::", "/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file" },
	{ ":memory:", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
	  "total_inactive_file" },
};

/* The folder of our cgroup in the hierarchy of version v; caller frees.  NULL: we have none. */
static char *cgroup_own_path(const struct cgroup_files *v)
{
	char line[4096], *path = NULL;
	FILE *f = fopen("/proc/self/cgroup", "re");

	while (f && !path && fgets(line, sizeof(line), f)) {
		const char *entry = v->entry[0] == ':' ? strstr(line, v->entry) : line;

		line[strcspn(line, "\n")] = '\0';
		if (entry && strncmp(entry, v->entry, strlen(v->entry)) == 0)
			path = xasprintf("%s%s", v->mount, entry + strlen(v->entry));
	}
	if (f)
		fclose(f);
	return path;
}

/* Bytes that the limit of one cgroup leaves.  Reclaimable page cache does not count as used. */
static unsigned long long cgroup_level_room(const struct cgroup_files *v, const char *path)
{
	AUTO_FREE char *limit = xasprintf("%s/%s", path, v->limit);
	AUTO_FREE char *used = xasprintf("%s/%s", path, v->used);
	AUTO_FREE char *stat = xasprintf("%s/memory.stat", path);
	unsigned long long max = jobs_read_number(limit, "", ~0ULL);
	unsigned long long in_use = jobs_read_number(used, "", 0);
	unsigned long long cache = jobs_read_number(stat, v->reclaimable, 0);

	if (max == ~0ULL)
		return max;
	in_use = in_use > cache ? in_use - cache : 0;
	return max > in_use ? max - in_use : 0;
}

/*
 * Returns how many bytes the memory limits leave, but at most `room`.  Each cgroup from ours up to
 * the mount may have a limit; the tightest one counts.
 */
static unsigned long long cgroup_room(const struct cgroup_files *v, unsigned long long room)
{
	AUTO_FREE char *path = cgroup_own_path(v);

	while (path && strlen(path) > strlen(v->mount)) {
		unsigned long long here = cgroup_level_room(v, path);

		if (here < room)
			room = here;
		*strrchr(path, '/') = '\0';
	}
	return room;
}

/*
 * How many builds can run within RLIMIT_NOFILE.  The engine needs FDS_PER_JOB descriptors for each
 * build, e.g. for its lock, and OWN_FDS for all else.
 */
static unsigned long long jobs_by_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur == RLIM_INFINITY)
		return ~0ULL;
	return l.rlim_cur > OWN_FDS ? (l.rlim_cur - OWN_FDS) / FDS_PER_JOB : 1;
}

unsigned int jobs_default(void)
{
	unsigned long long room = jobs_read_number("/proc/meminfo", "MemAvailable:", ~0ULL >> 10)
				  << 10;
	unsigned long long most = jobs_by_descriptors();
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	for (size_t i = 0; i < ARRAY_SIZE(cgroup_versions); i++)
		room = cgroup_room(&cgroup_versions[i], room);
	if (room / JOB_BYTES < most)
		most = room / JOB_BYTES;
	if (most < (unsigned long long)n)
		n = (int)most;
	return n > 0 ? (unsigned int)n : 1;
}
