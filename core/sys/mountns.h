/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * mountns - a private mount namespace for this process, to show folders at the place of others.
 */
#include "sys/root.h"

/*
 * Give this process, which must have one thread, a mount namespace of its own.  No mount in it
 * propagates to the rest of the machine.  *r is opened again in the new namespace, because the old
 * descriptor leads to the old mounts.
 *
 * -EPERM: not allowed (containers).  -EINVAL: "/" is not a mount point (a plain chroot), so it
 * cannot be made private.  After any error do not mount anything: the mount could appear on the
 * host, and outlive us.
 */
int mountns_enter(struct root *r) MUST_CHECK;
/* Bind-mount the folder `from` on the folder `to`, both inside the root. */
int mountns_bind(const struct root *r, const char *from, const char *to) MUST_CHECK;
/*
 * Mount a read-only overlay at `to`.  Its layers are the folders of `upper`, the topmost first, and
 * below them what is at `to` now.  Each mount below `to` stays visible: it gets an overlay of its
 * own, from the matching folders in `upper`.  All paths are inside the root.  -EINVAL: `to` lies on
 * so many overlays that the kernel takes no more.
 */
int mountns_overlay(const struct root *r, const struct strv *upper, const char *to) MUST_CHECK;
/* Undo a mountns_bind(): unmount what it mounted on the folder `to`. */
int mountns_unbind(const struct root *r, const char *to) MUST_CHECK;
/*
 * Make a path of /proc/PID/mountinfo plain, in place: blanks and backslashes are written there as
 * three octal digits.
 */
void mountns_unescape(char *path);
