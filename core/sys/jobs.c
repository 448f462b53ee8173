/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"

#define JOB_BYTES (256ULL << 20)

/* ---- the pipe ---- */

int jobs_open(struct jobs *j, unsigned int n)
{
	AUTO_FREE char *path = NULL;
	int r;

	*j = (struct jobs)JOBS_INIT;
	if (pipe2(j->fds, O_CLOEXEC) < 0)
		return -errno;
	/* A description of its own: O_NONBLOCK on a shared one breaks old makes. */
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

static unsigned long long read_number(const char *path, const char *key, unsigned long long none)
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

/* Path of our cgroup (version 2) below /sys/fs/cgroup; caller frees, NULL: none. */
static char *own_cgroup(void)
{
	char line[4096], *path = NULL;
	FILE *f = fopen("/proc/self/cgroup", "re");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0)
			path = xasprintf("/sys/fs/cgroup%s", line + 3);
	}
	if (f)
		fclose(f);
	return path;
}

/* The least room on the way up: each level may have a limit. */
static unsigned long long cgroup_room(unsigned long long room)
{
	AUTO_FREE char *path = own_cgroup();

	while (path && strlen(path) > strlen("/sys/fs/cgroup")) {
		AUTO_FREE char *max = xasprintf("%s/memory.max", path);
		AUTO_FREE char *current = xasprintf("%s/memory.current", path);
		unsigned long long limit = read_number(max, "", ~0ULL);
		unsigned long long used = read_number(current, "", 0);

		if (limit != ~0ULL && (limit > used ? limit - used : 0) < room)
			room = limit > used ? limit - used : 0;
		*strrchr(path, '/') = '\0';
	}
	return room;
}

unsigned int jobs_default(void)
{
	unsigned long long free_kib = read_number("/proc/meminfo", "MemAvailable:", ~0ULL >> 10);
	unsigned long long by_memory = cgroup_room(free_kib << 10) / JOB_BYTES;
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	if (by_memory < (unsigned long long)n)
		n = (int)by_memory;
	return n > 0 ? (unsigned int)n : 1;
}
