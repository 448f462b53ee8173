/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * proc - start children, and forked workers.  Every child of the engine is started here.
 *
 *	struct proc_spec spec = PROC_INIT;
 *	strv_add(&spec.argv, "depmod");
 *	...
 *	r = proc_run(&spec, &result);
 *	proc_spec_release(&spec);
 *
 * A child gets what spec says (procspec.h): arguments, its whole environment (never ours), working
 * folder, chroot, standard input and output.  It also gets default signals, an empty signal mask,
 * umask 022, a process group of its own, and no other descriptor.  If it cannot be started (fork,
 * chroot, chdir, exec) its -errno comes back through a close-on-exec pipe, and is never mistaken
 * for the exit status of a program that ran.
 *
 * Nothing that a child started outlives it or this process, even if this process gets SIGKILL, and
 * in whatever process group or session it is (sys/keeper.h; but see spec.may_leave).
 *
 * If the time limit passes, the output limit is exceeded or this process is asked to stop
 * (signals_interrupted()), the child's group gets SIGTERM, and a second later all get SIGKILL.
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
 * An on_output for output that is shown if the child fails.  spec.data is a struct buf; it keeps
 * the end of the output, at least PROC_TAIL bytes and at most twice as many.
 */
enum { PROC_TAIL = 64 << 10 };
void proc_tail(const char *data, size_t len, void *buf);

void proc_spec_release(struct proc_spec *spec);
/* Append "NAME=VALUE", replacing an earlier NAME. */
void proc_setenv(struct proc_spec *spec, const char *name, const char *value);
/* Returns when the child has ended: 0, in whatever way it ended; -errno: it was not started. */
int proc_run(const struct proc_spec *spec, struct proc_result *ret) MUST_CHECK;
/* "exit status 2", "signal 9", "time limit of 30 s", ...; caller frees. */
char *proc_result_text(const struct proc_spec *spec, const struct proc_result *res);

/*
 * Forked workers, by which several builds run at once, each with a mount namespace of its own.
 *
 * proc_worker_start() runs fn in a child process with its own process group; what fn returns
 * (0..255) is its exit status.  The worker has our stdout and stderr; our locks stay ours.
 *
 * proc_worker_wait() waits for one of the workers, reaps it, kills what is left in its group and
 * returns its index.  With tick it returns -EAGAIN after tick seconds at the latest; it uses
 * SIGALRM for that, which is ignored afterwards.
 */
struct proc_worker {
	pid_t pid;		   /* 0: none */
	struct proc_result result; /* valid when it was waited for */
};
int proc_worker_start(struct proc_worker *ret, int (*fn)(void *arg), void *arg) MUST_CHECK;
int proc_worker_wait(struct proc_worker *workers, size_t n, unsigned int tick,
		     size_t *ret_index) MUST_CHECK;

/* For tests: all calls of proc_run() go to fn; NULL: no longer. */
typedef int (*proc_runner_fn)(const struct proc_spec *spec, struct proc_result *ret, void *data);
void proc_set_runner(proc_runner_fn fn, void *data);
