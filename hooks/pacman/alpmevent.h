/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alpmevent - the event of a transaction of pacman: from the files of its packages (itempath.h),
 * the targets of our hook, and the hooks of others.  Pure; whether a file exists, the caller's
 * function says.
 */
#include "hooks/pacman/alpmhook.h"
#include "model/event.h"

/* Is this path of a package there? */
typedef bool alpmevent_on_disk(const char *path);
/*
 * Add an item if this path of the package is one.  A kernel or headers that the disk does not have
 * are left out and make their kind incomplete; a source stays its package's wherever it has gone.
 * What targets names is `added`, the rest `present`: a hook is not told an install from an upgrade.
 */
void alpmevent_add_path(struct event *e, const char *package, const char *version, const char *path,
			const struct strv *targets, alpmevent_on_disk *on_disk);
/* After all packages: what targets names and no package ships any more is `removed`. */
void alpmevent_add_removed(struct event *e, const struct strv *targets);

/*
 * The kernels of e whose initramfs another hook makes after ours in this
 * transaction: they go to e->initramfs_follows.
 */
void alpmevent_add_follows(struct event *e, const struct alpm_hooks *hooks,
			   const struct strv *targets);
/* The path of a hook of Arch's own dkms package, NULL: none is in force. */
const char *alpmevent_rival(const struct alpm_hooks *hooks);
