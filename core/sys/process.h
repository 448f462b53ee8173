/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * process - what /proc says about us, our ancestors, and processes that we did not start.  Without
 * /proc nothing is known.
 */
#include <sys/stat.h>
#include <sys/types.h>

#include "base/util.h"

struct process {
	pid_t parent;
	unsigned long long start; /* clock ticks since boot; pid and start identify a process */
	char name[32];		  /* comm of proc(5): at most 15 bytes of the program's name */
};

/* Returns false if there is no such process, or no /proc. */
bool process_look_up(pid_t pid, struct process *ret);
/* The stat of the program that we run.  Returns 0 or -errno. */
int process_program(struct stat *ret) MUST_CHECK;
/* Is there a process with this pid and this start time?  If `start` is 0, only the pid counts. */
bool process_lives(pid_t pid, unsigned long long start);
/*
 * The command line of our most distant ancestor whose name is_wanted() accepts, e.g. "apt-get
 * install foo-dkms".  Blanks separate its words.  The folder of the program and an interpreter are
 * left out.  Caller frees; NULL: no such ancestor.
 */
char *process_above(bool (*is_wanted)(const char *name));

/* Our nearest ancestor for which is_wanted() is true; 0: none. */
pid_t process_find_above(bool (*is_wanted)(pid_t pid, const void *data), const void *data);
/*
 * Does the process hold a lock of fcntl(2) on a file with this name, in any folder?  We ask the
 * kernel through the process's own descriptor, so it does not matter in which root the file is.
 */
bool process_has_lock(pid_t pid, const char *name);

/*
 * Take the arguments of the process without their folders, e.g. "/usr/bin/foo" as "foo".  Does one
 * of them begin with `prefix` and go on after it?
 */
bool process_has_argument(pid_t pid, const char *prefix);

/* The uid of the user who logged in, also after su or sudo (audit's loginuid); -1: unknown. */
long process_login_uid(void);
/*
 * The user's name in /etc/passwd.  NSS is not asked: it may load and start anything.  Caller frees;
 * NULL: not there.
 */
char *process_user_name(long uid);
