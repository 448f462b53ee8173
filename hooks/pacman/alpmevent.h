/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alpmevent - make the event after a transaction of pacman: from the files of all packages
 * (itempath.h), the targets of our hook, and the hooks of others.  Pure: the caller passes a
 * function that says whether a file exists.
 */
#include "hooks/pacman/alpmhook.h"
#include "model/event.h"

/* Does this path, as libalpm has it, exist? */
typedef bool alpmevent_on_disk(const char *path);
/*
 * Add an item if this file of a package stands for one that e does not have yet.  If the file of a
 * kernel or of headers does not exist, the item is left out and its kind becomes incomplete; a
 * source is added in any case.  The item is `added` if targets name it, otherwise `present`:
 * libalpm does not tell a hook whether a target was installed or upgraded.
 */
void alpmevent_add_path(struct event *e, const char *package, const char *version, const char *path,
			const struct strv *targets, alpmevent_on_disk *on_disk);
/*
 * Call it after the files of all packages.  Add an item as `removed` if targets name it and no
 * package ships it.  Items of an incomplete kind are left out.
 */
void alpmevent_add_removed(struct event *e, const struct strv *targets);

/*
 * Add a kernel of e to e->initramfs_follows if another hook makes its initramfs after our hook, in
 * this transaction.
 */
void alpmevent_add_follows(struct event *e, const struct alpm_hooks *hooks,
			   const struct strv *targets);
/*
 * The path of a hook that builds modules in our place, borrowed: one of the three files of Arch's
 * own dkms package, or a hook that runs its script.  NULL: there is none, it is masked, or what it
 * runs does not exist.
 *
 * NULL: ret_beside gets the paths of other hooks that run dkms.  They do no harm.
 */
const char *alpmevent_rival(const struct alpm_hooks *hooks, alpmevent_on_disk *on_disk,
			    struct strv *ret_beside);
