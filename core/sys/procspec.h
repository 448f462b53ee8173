/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * procspec - what a child of proc_run() (sys/proc.h) is given.
 */
#include <stdbool.h>
#include <stddef.h>

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
	bool to_the_end; /* part of a commit or rollback: signals_interrupted() does not end it */
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
