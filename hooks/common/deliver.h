/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * deliver - start `dkms event` with an event on its standard input.
 *
 * The hooks use this; they are small programs or run in foreign processes.  So nothing here prints,
 * exits or keeps state.  The text lies in a memfd, because a pipe could fill up while nobody reads
 * it.
 *
 * The engine does not inherit what a package manager may have changed.  It starts with signals at
 * their defaults and unblocked, descriptors 0, 1 and 2 open and no others, a PATH of the system's
 * own folders, umask 022, and "/" as its working directory.  The rest of the environment is the
 * caller's.  The caller may have threads.
 */
#include <stddef.h>

#include "base/util.h"

/* The engine, as a path inside the root that it works on. */
#define DELIVER_ENGINE "/usr/sbin/dkms"

struct deliver {
	const char *engine; /* NULL: DELIVER_ENGINE */
	const char *root;   /* chroot(2) there first; NULL: stay */
	const char *text;   /* the event */
	size_t len;
	int out; /* the engine's standard output and error; -1: those of the caller */
};

/* Replace this process by the engine.  Returns only on failure: -errno. */
int deliver_exec(const struct deliver *d) MUST_CHECK;
/*
 * Start the engine as a child and wait for it.  Returns 0 if it was started and has ended; then
 * *ret_status is its status from waitpid(2).  Returns -errno if it could not be started (-ENOENT:
 * there is no engine in that root).  Works in a process that ignores or blocks SIGCHLD, and reaps
 * no other child.
 */
int deliver_child(const struct deliver *d, int *ret_status) MUST_CHECK;
