/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * jobs - one GNU make jobserver for all builds of a run.
 *
 * A pipe holds one byte for each job that may still be started.  The engine takes a byte for every
 * build that it starts, and puts it back when the build ends: it stands for the one job that each
 * make has without asking.  make takes and returns the others by itself (GNU make manual, "POSIX
 * Jobserver Interaction").  So a build that ignores the jobserver counts as one job, and keeps none
 * from the others.
 *
 *	jobs_open(&j, n);
 *	jobs_take(&j);		before each build, which gets j.fds as proc_spec.keep_fd, and
 *				JOBS_MAKEFLAGS
 *	jobs_put(&j);		after it
 *	jobs_settle(&j);	when no build runs: restore the bytes that a killed make had taken
 *	jobs_close(&j);
 */
#include "base/util.h"

/* MAKEFLAGS for make 4.0 and newer; the descriptors are PROC_KEEP_FD and the next. */
#define JOBS_MAKEFLAGS " -j --jobserver-fds=4,5 --jobserver-auth=4,5"

struct jobs {
	int fds[2]; /* read and write end, for make; -1: not open */
	int take;   /* the read end again, with O_NONBLOCK */
	unsigned int n;
};
#define JOBS_INIT                 \
	{                         \
		{ -1, -1 }, -1, 0 \
	}

/* n: jobs at the same time.  -ENOENT: /proc is not mounted. */
int jobs_open(struct jobs *j, unsigned int n) MUST_CHECK;
void jobs_close(struct jobs *j);
/* Take a job.  false: none is free now. */
bool jobs_take(struct jobs *j);
void jobs_put(struct jobs *j);
void jobs_settle(struct jobs *j);

/*
 * How many jobs suit this machine: one for each processor that this process may run on, but each
 * job must have 256 MiB of free memory (MemAvailable, and what the limits of our cgroups, version 1
 * or 2, leave) and its descriptors within RLIMIT_NOFILE.  At least 1.
 */
unsigned int jobs_default(void);
