/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * process - what /proc says about processes that we did not start: their identity, and our
 * ancestors.  Without /proc nothing is known.
 */
#include <sys/types.h>

#include "base/util.h"

struct process {
	pid_t parent;
	unsigned long long start; /* clock ticks since boot; pid and start identify a process */
	char name[32];		  /* comm of proc(5): at most 15 bytes of the program's name */
};

/* false: there is no such process, or no /proc. */
bool process_look_up(pid_t pid, struct process *ret);
/* Is the process with that pid and start alive?  start 0: any process with that pid. */
bool process_lives(pid_t pid, unsigned long long start);
/*
 * Command line of our most distant ancestor for whose name is_wanted() is true, with blanks between
 * the words, without the folder of the program and without an interpreter.  Caller frees; NULL: no
 * such ancestor.
 */
char *process_above(bool (*is_wanted)(const char *name));

/* The uid that logged in, which the kernel keeps through su and sudo for audit; -1: unknown. */
long process_login_uid(void);
/*
 * The user's name in /etc/passwd, without NSS, which may load and start anything.  Caller frees;
 * NULL: not there.
 */
char *process_user_name(long uid);
