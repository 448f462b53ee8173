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
 * (proc_interrupted()), the group gets SIGTERM, a second later all get SIGKILL, and are reaped.
 *
 * Tests replace the door: proc_set_runner().
 */
#include <sys/types.h>

#include "base/buf.h"
#include "base/strv.h"
#include "sys/root.h"

typedef void (*proc_output_fn)(const char *data, size_t len, void *data_arg);

struct proc_spec {
	struct strv argv;	 /* argv[0] is searched in the child's PATH */
	struct strv env;	 /* "NAME=VALUE", the child's whole environment */
	const struct root *root; /* chroot there when it is foreign; may be NULL */
	const char *read_only;	 /* set: the child cannot write to the disk but in this folder of
				  * the root; where a mount namespace cannot be had it can */
	const char *cwd;	 /* inside the root; NULL: "/" */
	int stdin_fd;		 /* -1: /dev/null */
	const void *input;	 /* when set: what the child reads from standard input */
	size_t input_len;
	int output_fd;		  /* stdout and stderr; -1: see on_output; else a descriptor */
	int keep_fd[2];		  /* the child gets them as PROC_KEEP_FD and the next; -1: none */
	proc_output_fn on_output; /* stdout and stderr through a pipe, as they come */
	proc_output_fn on_extra; /* when set: what it writes to PROC_KEEP_FD (no keep_fd[0] then) */
	proc_output_fn on_error; /* when set: stderr alone, on_output gets stdout only */
	void *data;
	size_t output_max;	 /* bytes through the pipes, 0: no limit */
	unsigned int timeout;	 /* seconds, 0: none */
	bool output_is_progress; /* the time limit begins anew with what comes to on_output */
	bool may_leave;	 /* what left its group (a service) may outlive it if it ends by itself */
	bool to_the_end; /* part of a commit or rollback: proc_interrupted() does not end it */
	bool quiet;	 /* neither output_fd nor on_output: to /dev/null (true) or ours (false) */
};
#define PROC_KEEP_FD 4
#define PROC_INIT                                                                                  \
	{                                                                                          \
		.argv = STRV_INIT, .env = STRV_INIT, .stdin_fd = -1, .output_fd = -1, .keep_fd = { \
			-1,                                                                        \
			-1                                                                         \
		}                                                                                  \
	}

enum proc_end {
	PROC_EXITED,	  /* status is the exit status */
	PROC_SIGNALED,	  /* status is the signal */
	PROC_TIMED_OUT,	  /* we ended it: time limit */
	PROC_OUTPUT_FULL, /* we ended it: output_max */
	PROC_INTERRUPTED, /* we ended it: proc_interrupted() */
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

/*
 * Signals.  proc_catch_signals() makes INT, TERM, HUP set a flag and ends the
 * children of the moment; SIGPIPE is ignored.  proc_interrupted() is the
 * signal's number or 0.  Steps look at it between two actions; nothing is
 * ever interrupted in the middle of a commit.
 */
void proc_catch_signals(void);
int proc_interrupted(void);
/* How long ago that was. */
uint64_t proc_interrupted_msec(void);
