/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cgroup - a control group (version 2) for a child: limits for it and all below it together.
 *
 * The limits of setrlimit(2) are for each process, or for all of a user.  A group also counts what
 * its processes put into a tmpfs.
 *
 * First we try to make the group below our own.  Mostly this fails, because a group that has
 * processes cannot give controllers to groups below it, unless it is the topmost one.  Then we try
 * to make the group beside our own.  Our own group may have limits, e.g. from a systemd unit.  A
 * group beside it would not have them, so we copy the limits of memory, swap space, processes and
 * processors.  If the new group does not get the controllers memory and pids, or if a limit cannot
 * be set, there is no group, and the child stays in our own.
 *
 * A dkms that was killed leaves its group behind.  The next dkms kills what is in that group, and
 * removes it.
 */
#include <stdbool.h>

#include "base/util.h"

struct cgroup;
/* Returns NULL if there can be no group; then *ret_why is static text that says why. */
struct cgroup *cgroup_make(unsigned int max_processes, const char **ret_why);
/* End what is in the group, and remove it.  NULL: do nothing. */
void cgroup_free(struct cgroup *g);
/*
 * Move this process into the group; its children will be there, too.  Best effort: a security
 * module may deny it.
 */
void cgroup_enter(const struct cgroup *g);
/* Kill all that is in the group.  Before Linux 5.14: do nothing. */
void cgroup_kill(const struct cgroup *g);
/* Has the kernel killed a process because the group had no more memory? */
bool cgroup_out_of_memory(const struct cgroup *g);
