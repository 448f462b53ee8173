/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * proc - the one door for children.
 *
 *	struct proc_spec spec = PROC_INIT;
 *	strv_add(&spec.argv, "depmod");
 *	...
 *	r = proc_run(&spec, &result);
 *	proc_spec_release(&spec);
 *
 * A child gets: the argument vector, the environment given (never ours unless
 * asked), working folder, an optional chroot, standard input from /dev/null
 * or a descriptor, output to a descriptor / a callback / nowhere, default
 * signals and an empty mask, umask 022, no other descriptor, and its own process group.
 * "Could not start" (fork, chroot, chdir, exec) comes back over
 * a close-on-exec pipe as -errno and is never mistaken for a program that
 * ran and failed.
 *
 * When it has ended, and when this process has, even by SIGKILL, nothing that it started lives
 * any more, in whatever group or session (sys/keeper.h).
 *
 * When the time limit passes, the output limit is exceeded or this process was asked to stop
 * (signals_interrupted()), the group gets SIGTERM, a second later all get SIGKILL, and are reaped.
 *
 * Tests replace the door: proc_set_runner().
 */
#include <sys/types.h>

#include "base/buf.h"
#include "sys/procspec.h"

enum proc_end {
	PROC_EXITED,	  /* status is the exit status */
	PROC_SIGNALED,	  /* status is the signal */
	PROC_TIMED_OUT,	  /* we ended it: time limit */
	PROC_OUTPUT_FULL, /* we ended it: output_max */
	PROC_INTERRUPTED, /* we ended it: signals_interrupted() */
};

struct proc_result {
	enum proc_end end;
	int status;
	uint64_t msec; /* wall time */
};

/*
 * An on_output for what is shown if it fails: data is a struct buf, which keeps the last
 * PROC_TAIL bytes at least and twice as many at most.
 */
enum { PROC_TAIL = 64 << 10 };
void proc_tail(const char *data, size_t len, void *buf);

void proc_spec_release(struct proc_spec *spec);
/* Append "NAME=VALUE", replacing an earlier NAME. */
void proc_setenv(struct proc_spec *spec, const char *name, const char *value);
/* 0 when the child was started and has ended (however), else -errno. */
int proc_run(const struct proc_spec *spec, struct proc_result *ret) MUST_CHECK;
/* "exit status 2", "signal 9", "time limit of 30 s", ...; caller frees. */
char *proc_result_text(const struct proc_spec *spec, const struct proc_result *res);

/*
 * A forked worker: fn runs in a child process in its own process group and
 * its return value (0..255) is its exit status.  It is how several builds run at once and how
 * a build gets a mount namespace of its own.  The worker keeps stdout and
 * stderr; locks taken by the parent stay the parent's.
 * proc_worker_wait() reaps one that has ended and returns its index in workers; the
 * whole group of it is killed if it left children.  It blocks: for ever when tick is 0, else
 * -EAGAIN comes back after at most tick seconds (by SIGALRM, which is the caller's then).
 */
struct proc_worker {
	pid_t pid; /* 0: none */
	struct proc_result result;
};
int proc_worker_start(struct proc_worker *ret, int (*fn)(void *arg), void *arg) MUST_CHECK;
int proc_worker_wait(struct proc_worker *workers, size_t n, unsigned int tick,
		     size_t *ret_index) MUST_CHECK;

/* Test hook: all proc_run() calls go to fn; NULL restores. */
typedef int (*proc_runner_fn)(const struct proc_spec *spec, struct proc_result *ret, void *data);
void proc_set_runner(proc_runner_fn fn, void *data);
