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
struct proc_spec;
/*
 * Called in the child, as root, instead of entering the root and the current folder.  It may fork:
 * the process that returns is the one that becomes the program.  Returns 0 or -errno.
 */
typedef int (*proc_enter_fn)(const struct proc_spec *spec, const void *data);
/* Called in the keeper when it kills what is left of the child, before each round of SIGKILL. */
typedef void (*proc_kill_fn)(const void *data);

struct proc_spec {
	struct strv argv;	 /* argv[0] is searched for in the PATH of env */
	struct strv env;	 /* "NAME=VALUE", the child's whole environment */
	const struct root *root; /* chroot there unless it is "/"; may be NULL */
	/*
	 * A folder inside the root: the child can write only below it.  Best effort: without a
	 * mount namespace the child can write everywhere.  NULL: no such limit.
	 */
	const char *only_writable;
	const char *cwd;   /* inside the root; NULL: "/" */
	int stdin_fd;	   /* -1: /dev/null */
	const void *input; /* standard input from memory, instead of stdin_fd; NULL: none */
	size_t input_len;
	int output_fd;		  /* gets stdout and stderr; -1: see on_output and quiet */
	int keep_fd[2];		  /* become PROC_KEEP_FD and the next; -1: none */
	proc_output_fn on_output; /* gets stdout and stderr as they come, through a pipe */
	proc_output_fn on_extra;  /* gets what is written to PROC_KEEP_FD; replaces keep_fd[0] */
	proc_output_fn on_error;  /* gets stderr; if it is set, on_output gets stdout only */
	void *data;		  /* is passed to the three functions */
	size_t output_max;	  /* bytes through all pipes; 0: no limit */
	unsigned int timeout;	  /* seconds; 0: no limit */
	bool output_is_progress;  /* output to on_output starts the time limit anew */
	/*
	 * If the child ends by itself, processes that have left its process group, e.g. a service
	 * that it restarted, stay alive.
	 */
	bool may_leave;
	bool to_the_end; /* part of a commit or rollback: signals_interrupted() does not end it */
	/*
	 * If output_fd and on_output are not set: send the output to /dev/null, not to our stdout.
	 */
	bool quiet;
	proc_enter_fn enter;	/* NULL: enter root and cwd as they are */
	proc_kill_fn kill;	/* may be NULL */
	const void *enter_data; /* for both */
};
#define PROC_KEEP_FD 4
#define PROC_INIT                                                                                  \
	{                                                                                          \
		.argv = STRV_INIT, .env = STRV_INIT, .stdin_fd = -1, .output_fd = -1, .keep_fd = { \
			-1,                                                                        \
			-1                                                                         \
		}                                                                                  \
	}
