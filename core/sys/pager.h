/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pager - a program that the user has chosen, and that shows our standard output on the terminal.
 *
 * sys/proc.h cannot start it: a pager needs the terminal, so it must stay in our process group, and
 * it gets our environment and has no time limit.
 */
#include <sys/types.h>

struct pager {
	pid_t pid; /* 0: none */
	int saved; /* our standard output as it was */
};
#define PAGER_INIT           \
	{                    \
		.saved = -1, \
	}

/*
 * Start `command` and connect our standard output to it.  Call fflush(stdout) first.  A command of
 * one plain word is started directly, any other by a shell.  `env` has strings "NAME=VALUE" and
 * ends with NULL.  The command's environment is ours, plus each string whose NAME ours does not
 * set.
 *
 * -errno: the command could not be started, and the standard output is as before.
 */
int pager_start(struct pager *p, const char *command, const char *const *env);
/*
 * Wait until the pager has ended, and restore our standard output.  Call fflush(stdout) first.
 * Does nothing if there is no pager.
 */
void pager_end(struct pager *p);
