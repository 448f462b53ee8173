/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * inside - what a confined child does between fork and exec.  Private to the room confine.
 *
 * The order matters.  Mounts and namespaces come first, because they need root.  /proc is mounted
 * later, by a process in the new PID namespace.  Then the child becomes the unprivileged user.
 * Landlock and the filter of system calls come last, because they forbid what the earlier steps do.
 */
#include "confine/policy.h"
#include "sys/procspec.h"

/* The proc_enter_fn of confine_child(); `data` is a const struct confine. */
int inside_enter(const struct proc_spec *spec, const void *data) MUST_CHECK;

/* The proc_kill_fn: end all processes in the child's control group, if it has one. */
void inside_kill(const void *data);

/*
 * The folders that are empty for the child, besides /tmp.  Landlock, which gives rights on whole
 * folders of "/", hides only those that lie in "/".
 */
extern const char *const inside_hidden[];
extern const size_t inside_n_hidden;
bool inside_hides(const char *path);

/* The devices, all with the major number 1, that the child can open. */
struct inside_device {
	const char *path;
	unsigned int minor_number;
};
extern const struct inside_device inside_devices[];
extern const size_t inside_n_devices;

/* mounts.c: make the file system that the child sees, in a mount namespace of its own. */
int mounts_make(const struct confine *c, const struct proc_spec *spec) MUST_CHECK;
/* mounts.c: mount the /proc of the caller's PID namespace. */
int mounts_proc(void) MUST_CHECK;

/* landlock.c: the version of the kernel's Landlock; 0: it has none. */
unsigned int landlock_version(void);
/*
 * landlock.c: from now on, this process writes only in c->write, the outbox, /tmp and c->tmp, and
 * to a few devices.  It reads nothing in /home, /root, /run, /mnt and /media, except c->show and
 * c->write.
 */
int landlock_restrict(const struct confine *c) MUST_CHECK;

/* filter.c: forbid the system calls that no build needs. */
int filter_install(bool network) MUST_CHECK;
