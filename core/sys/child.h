/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * child - what a child of proc_run() does from fork to exec.  Private to proc.
 */
#include <sys/types.h>

#include "sys/procspec.h"

struct child_ends {
	int in, out, err; /* become 0, 1, 2 */
	int keep[2];	  /* become PROC_KEEP_FD and the next; -1: none */
	int status;	  /* close-on-exec pipe, which gets the -errno as an int if exec fails */
};

/* Call it in the forked child.  If `parent`, the process that forked, has died, the child exits. */
void NORETURN child_run(const struct proc_spec *spec, struct child_ends e, pid_t parent);
/*
 * VALUE of the string "NAME=VALUE" in `env` whose NAME is `name`; NULL: there is none.  *ret_index
 * is the string's index; ret_index may be NULL.
 */
const char *child_env(const struct strv *env, const char *name, size_t *ret_index);
