/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into a dkms that is to be killed at its Nth call of the functions below, which change a
 * folder or sync.  MODEL_KILL is "N PATH".  PATH is removed before the kill, to tell the test.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void count(void)
{
	static int n;
	const char *what = getenv("MODEL_KILL");
	char path[4096];
	int at;

	if (!what || sscanf(what, "%d %4095s", &at, path) != 2 || ++n != at)
		return;
	syscall(SYS_unlinkat, AT_FDCWD, path, 0);
	kill(getpid(), SIGKILL);
}

#define STAND_IN(name, params, args)                         \
	int name params                                      \
	{                                                    \
		int(*real) params = dlsym(RTLD_NEXT, #name); \
		count();                                     \
		return real args;                            \
	}

STAND_IN(fsync, (int fd), (fd))
STAND_IN(renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
STAND_IN(unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
STAND_IN(mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
STAND_IN(symlinkat, (const char *target, int dir, const char *path), (target, dir, path))
