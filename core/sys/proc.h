/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * proc - start children, and forked workers.  Every child of the engine is started here, except
 * cli's pager (sys/pager.h).
 *
 *	struct proc_spec spec = PROC_INIT;
 *	strv_add(&spec.argv, "depmod");
 *	...
 *	r = proc_run(&spec, &result);
 *	proc_spec_release(&spec);
 *
 * A child gets what spec says (procspec.h): arguments, its whole environment (never ours), working
 * folder, chroot, descriptors.  It also gets default signals, an empty signal mask, umask 022 and a
 * process group of its own.
 *
 * If a child cannot be started (fork, chroot, chdir, exec), proc_run() returns the -errno.  This
 * code comes through a close-on-exec pipe, so it is never mistaken for the exit status of a program
 * that ran.
 *
 * No process that a child started outlives the child or this process, whatever its process group or
 * session, even if this process gets SIGKILL (sys/keeper.h).  Exception: spec.may_leave.
 *
 * If the time limit passes, the output limit is exceeded or this process is asked to stop
 * (signals_interrupted()), the child's group gets SIGTERM.  A second later the child and all below
 * it get SIGKILL.  With spec.to_the_end a request to stop does not end the child.
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
 * Was the child ended by somebody: by SIGKILL, SIGTERM, SIGINT or SIGHUP, or by us after a request
 * to stop?  Then its end says nothing about its input.  A crash (SIGSEGV, SIGABRT) does.
 */
bool proc_was_killed(const struct proc_result *res);
/* The error for a child that was killed: -E_INTERRUPTED after a request to stop, or -E_GENERAL. */
int proc_killed_error(const struct proc_result *res);

/*
 * An on_output function that appends all output to the struct buf at spec.data.  Set
 * spec.output_max, because nothing else limits the buf.
 */
void proc_collect(const char *data, size_t len, void *buf);
/*
 * An on_output function for output that is shown only if the child fails.  The struct buf at
 * spec.data keeps the last bytes of the output: at least PROC_TAIL, at most twice as many.
 */
enum { PROC_TAIL = 64 << 10 };
void proc_tail(const char *data, size_t len, void *buf);

void proc_spec_release(struct proc_spec *spec);
/* Append "NAME=VALUE", replacing an earlier NAME. */
void proc_setenv(struct proc_spec *spec, const char *name, const char *value);
/* Run a child and wait for its end; *ret says how it ended.  -errno: the child was not started. */
int proc_run(const struct proc_spec *spec, struct proc_result *ret) MUST_CHECK;
/* "exit status 2", "signal 9", "time limit of 30 s", ...; caller frees. */
char *proc_result_text(const struct proc_spec *spec, const struct proc_result *res);

/*
 * Forked workers: with them several builds run at once, each in a mount namespace of its own.
 *
 * proc_worker_start() runs fn in a child process that has its own process group.  What fn returns
 * (0..255) is the worker's exit status.  The worker has our stdout and stderr; our locks stay ours.
 *
 * proc_worker_wait() waits until one of the n workers has ended, kills what is left in that
 * worker's group, and returns its index.  If tick is not 0, it returns -EAGAIN after tick seconds,
 * or earlier after a signal.  It uses SIGALRM for that, and leaves SIGALRM ignored.
 */
struct proc_worker {
	pid_t pid;		   /* 0: none */
	struct proc_result result; /* valid after proc_worker_wait() */
};
int proc_worker_start(struct proc_worker *ret, int (*fn)(void *arg), void *arg) MUST_CHECK;
int proc_worker_wait(struct proc_worker *workers, size_t n, unsigned int tick,
		     size_t *ret_index) MUST_CHECK;

/*
 * While this process waits for a child of proc_run(), call fn at least once a second, and more
 * often when the child prints.  If fn is NULL, nothing is called.  Workers do not call it.
 */
typedef void (*proc_idle_fn)(void *data);
void proc_set_idle(proc_idle_fn fn, void *data);

/* For tests: proc_run() calls fn and starts nothing.  If fn is NULL, it starts children again. */
typedef int (*proc_runner_fn)(const struct proc_spec *spec, struct proc_result *ret, void *data);
void proc_set_runner(proc_runner_fn fn, void *data);
