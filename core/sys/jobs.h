/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * jobs - one GNU make jobserver for all builds of a run.
 *
 * A pipe holds one byte for each job that may still be started.  The engine
 * takes a byte for every build that it starts and puts it back at its end: it
 * is the job that a make always has.  make takes and returns the others by
 * itself (GNU make manual, "POSIX Jobserver Interaction"), so a build that
 * ignores the jobserver costs one job and starves nobody.
 *
 *	jobs_open(&j, n)
 *	jobs_take(&j) ... a build with j.fds as proc_spec.keep_fd and JOBS_MAKEFLAGS ...
 *jobs_put(&j) jobs_settle(&j)		when no build runs: a make that was killed kept its bytes
 *	jobs_close(&j)
 */
#include "base/util.h"

/* MAKEFLAGS for make 4.0 and newer; the descriptors are PROC_KEEP_FD and the next. */
#define JOBS_MAKEFLAGS " -j --jobserver-fds=4,5 --jobserver-auth=4,5"

struct jobs {
	int fds[2]; /* read, write: for makes; -1: not open */
	int take;   /* the read end once more, not blocking */
	unsigned int n;
};
#define JOBS_INIT                 \
	{                         \
		{ -1, -1 }, -1, 0 \
	}

/* -ENOENT without /proc. */
int jobs_open(struct jobs *j, unsigned int n) MUST_CHECK;
void jobs_close(struct jobs *j);
/* One job, if one is free now. */
bool jobs_take(struct jobs *j);
void jobs_put(struct jobs *j);
void jobs_settle(struct jobs *j);

/*
 * How many jobs suit this machine: processors that this process may run on,
 * but no more than the free memory (MemAvailable, and the room that the
 * cgroups of either version leave) has 256 MiB for, nor than RLIMIT_NOFILE
 * has descriptors for; at least 1.
 */
unsigned int jobs_default(void);
