/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mountns - a private mount namespace for a worker, so that one folder can stand in for another.
 */
#include "sys/root.h"

/*
 * Give this (single-threaded) process a mount namespace in which nothing
 * mounted reaches the rest of the machine, and reopen *r in it: a descriptor from
 * before would still show the old mounts.  Must be called before anything is mounted.
 *
 * -EPERM: no such right (containers).  -EINVAL: "/" is no mount point (a plain
 * chroot): making it private fails, and a mount would leak to the host and
 * outlive us.  Mount nothing after any error.
 */
int mountns_enter(struct root *r) MUST_CHECK;
/* Show folder from at folder to, both inside the root. */
int mountns_bind(const struct root *r, const char *from, const char *to) MUST_CHECK;
/* Take it away again. */
int mountns_unbind(const struct root *r, const char *to) MUST_CHECK;
