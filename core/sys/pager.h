/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pager - a program of the user's that shows our standard output on the terminal.
 *
 * sys/proc.h cannot start it: a pager needs the terminal, so it stays in our process group, and it
 * has our environment and no time limit.
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
 * Start `command` and lead our standard output to it.  Call fflush(stdout) first.  A command of one
 * word is started as it is, any other by a shell.  `env` has strings "NAME=VALUE", and NULL at the
 * end.  The command gets those whose NAME is not set in our environment.
 *
 * -errno: the command could not be started, and the standard output is as before.
 */
int pager_start(struct pager *p, const char *command, const char *const *env);
/*
 * Wait until the pager has ended, and restore our standard output.  Call fflush(stdout) first.
 * Does nothing if there is no pager.
 */
void pager_end(struct pager *p);
