/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * deliver - hand an event to the engine: `dkms event`, the text on its standard input.
 *
 * For the hooks, which live in other people's processes or are tiny ones of their own: nothing
 * here prints, exits or keeps state.  The text lies in a memfd, so there is no pipe that
 * could fill up and nobody who has to stay and write.
 *
 * The engine gets what a package manager may have spoilt: signals at their defaults and
 * unblocked, no descriptors but 0, 1 and 2 (and these always), PATH of the system's own folders,
 * umask 022, "/" as its folder.  The rest of the environment is the caller's.  The caller may
 * have threads.
 */
#include <stddef.h>

#include "base/util.h"

/* Where the engine is, inside the root that it works on. */
#define DELIVER_ENGINE "/usr/sbin/dkms"

struct deliver {
	const char *engine; /* DELIVER_ENGINE if NULL */
	const char *root;   /* chroot() there first; NULL: not */
	const char *text;   /* the event */
	size_t len;
	int out; /* the child's standard output and error; -1: those of the caller */
};

/* Become the engine.  Returns only when that cannot be done: -errno. */
int deliver_exec(const struct deliver *d) MUST_CHECK;
/*
 * Start the engine, wait for it.  0 when it was started and has ended: *ret_status is what
 * waitpid(2) said.  -errno when it could not be started (-ENOENT: there is none in that root).
 * Works in a process that ignores or blocks SIGCHLD; other children are left alone.
 */
int deliver_child(const struct deliver *d, int *ret_status) MUST_CHECK;
