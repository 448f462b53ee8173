/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pager - a program of the user's that shows our standard output on the terminal.
 *
 * It is no child of the engine (sys/proc.h): it needs the terminal, so it stays in our process
 * group, has our environment, and no time limit.
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
 * Start `command` and lead our standard output to it; call fflush(stdout) before.  A command of one
 * word is started as it is, any other by a shell.  `env`: settings "NAME=VALUE" for it, ended by
 * NULL; they do not replace what the environment has.
 *
 * -errno: the command could not be started, and the standard output is as before.
 */
int pager_start(struct pager *p, const char *command, const char *const *env);
/*
 * Call fflush(stdout) before.  Wait until the pager has ended; then the standard output is as it was
 * before.  Does nothing if there is none.
 */
void pager_end(struct pager *p);
