/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * inside - what a confined child does between fork and exec.  Private to the room confine.
 *
 * The order matters.  Namespaces and mounts need root, so they come first; a mounted /proc needs a
 * process of the new PID namespace.  Landlock and the filter of system calls come last, because
 * they forbid what the steps before them do.
 */
#include "confine/policy.h"
#include "sys/procspec.h"

/* The proc_enter_fn of confine_child(); `data` is a const struct confine. */
int inside_enter(const struct proc_spec *spec, const void *data) MUST_CHECK;

/* mounts.c: make the file system that the child sees, in a mount namespace of its own. */
int mounts_make(const struct confine *c, const struct proc_spec *spec) MUST_CHECK;
/* mounts.c: mount the /proc of the caller's PID namespace. */
int mounts_proc(void) MUST_CHECK;

/* landlock.c: the version of the kernel's Landlock; 0: it has none. */
unsigned int landlock_version(void);
/* landlock.c: this process writes nothing but c->write and /tmp, and reads no folder of people. */
int landlock_restrict(const struct confine *c) MUST_CHECK;

/* filter.c: forbid the system calls that no build needs. */
int filter_install(bool network) MUST_CHECK;
