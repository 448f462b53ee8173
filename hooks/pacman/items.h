/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * items - what paths of packages mean for an event.  Pure; what the disk has, a caller's function
 *says.
 *
 * Paths are libalpm's: relative to the root, a folder with its slash at the end.  Compared as a
 * whole: a list of files is no text to search in.
 *
 *	usr/lib/modules/K/pkgbase	kernel K
 *	usr/lib/modules/K/build/Makefile, or a link usr/lib/modules/K/build	headers of K
 *	usr/src/FOLDER/dkms.conf	source FOLDER
 *
 * A tree without a packaged pkgbase is no kernel: kernel-modules-hook keeps such trees until the
 * next boot, and nobody wants modules built for them.
 */
#include "alpmhook.h"
#include "model/event.h"

/* False: the path is none of these.  ret_key: caller frees. */
bool items_of_path(const char *path, enum owned_kind *ret_kind, char **ret_key);
/* What a target says changed: as items_of_path(), and vmlinuz and build/include/ as well. */
bool items_of_target(const char *path, enum owned_kind *ret_kind, char **ret_key);

/* Is this path of a package there? */
typedef bool items_on_disk(const char *path);
/*
 * Add an item if this path of the package is one.  A kernel or headers that the disk does not have
 * are left out and make their kind incomplete; a source stays its package's wherever it has gone.
 * What targets names is `added`, the rest `present`: a hook is not told an install from an upgrade.
 */
void items_add_path(struct event *e, const char *package, const char *version, const char *path,
		    const struct strv *targets, items_on_disk *on_disk);
/* After all packages: what targets names and no package ships any more is `removed`. */
void items_add_removed(struct event *e, const struct strv *targets);
/* By kind and key, so that an event is the same text whatever the order of packages. */
void items_sort(struct event *e);

/*
 * The kernels of e whose initramfs another hook makes after ours in this
 * transaction: they go to e->initramfs_follows.
 */
void items_add_follows(struct event *e, const struct alpm_hooks *hooks, const struct strv *targets);
/* The path of a hook of Arch's own dkms package, NULL: none is in force. */
const char *items_rival(const struct alpm_hooks *hooks);
