/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * jobs - one GNU make jobserver for all builds of a run.
 *
 * A pipe holds one byte for each job that may be started.  The engine takes one byte for each build
 * that it starts, and puts it back when the build ends.  This byte stands for the first job of the
 * build, which make starts without taking a byte.  For each further job make takes a byte, and puts
 * it back when the job ends (GNU make manual, "POSIX Jobserver Interaction").  So a build that
 * ignores the jobserver counts as one job, and takes no bytes away from other builds.
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
	int take;   /* the read end, opened a second time with O_NONBLOCK */
	unsigned int n;
};
#define JOBS_INIT                 \
	{                         \
		{ -1, -1 }, -1, 0 \
	}

/* Allow n jobs at the same time.  -ENOENT: /proc is not mounted. */
int jobs_open(struct jobs *j, unsigned int n) MUST_CHECK;
void jobs_close(struct jobs *j);
/* Take a job.  Returns false if no job is free now. */
bool jobs_take(struct jobs *j);
void jobs_put(struct jobs *j);
void jobs_settle(struct jobs *j);

/*
 * How many jobs suit this machine: the least of these numbers, but at least 1:
 *   - processors that this process may run on;
 *   - free memory / 256 MiB.  Free is MemAvailable, or less if the limits of our cgroups (version 1
 *     or 2) leave less;
 *   - builds for which RLIMIT_NOFILE leaves enough descriptors.
 */
unsigned int jobs_default(void);
