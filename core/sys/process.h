/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * process - what /proc says about processes that we did not start: which one it is, and who is
 * above us.  Starts none, writes nothing; where there is no /proc nothing is known.
 */
#include <sys/types.h>

#include "base/util.h"

struct process {
	pid_t parent;
	unsigned long long start; /* clock ticks after boot; with the pid it names a process */
	char name[32];		  /* of the program, at most 15 characters */
};

bool process_look_up(pid_t pid, struct process *ret);
/* Is this still the process of that start?  start 0, unknown: any process of that pid. */
bool process_lives(pid_t pid, unsigned long long start);
/*
 * Command line of the outermost process above us for which is_wanted(name) holds, words with
 * blanks between them; caller frees, NULL when there is none.
 */
char *process_above(bool (*is_wanted)(const char *name));

/* Who logged in, as the kernel's audit remembers it through su and sudo; -1: it does not know. */
long process_login_uid(void);
/* The user's name out of /etc/passwd alone (asking NSS may start anything); caller frees, NULL. */
char *process_user_name(long uid);
