/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alpmevent - make the event after a transaction of pacman.  It follows from the files of all
 * packages (itempath.h), the targets of our hook, and the other hooks.  Pure: the caller passes a
 * function that says whether a file exists.
 */
#include "hooks/pacman/alpmhook.h"
#include "model/event.h"

/* Does this path exist?  It has no leading slash, as all paths of libalpm. */
typedef bool alpmevent_on_disk(const char *path);
/*
 * Add the item for which the file `path` of a package stands, unless `e` has it already.  If the
 * file of a kernel or of headers does not exist, the item is left out and its kind becomes
 * incomplete; a source is added in any case.  The item is `added` if `targets` name it, otherwise
 * `present`: libalpm does not tell a hook whether a target was installed or upgraded.
 */
void alpmevent_add_path(struct event *e, const char *package, const char *version, const char *path,
			const struct strv *targets, alpmevent_on_disk *on_disk);
/*
 * Add each item that `targets` name and no package ships; its change is `removed`.  Items of an
 * incomplete kind are left out.  Call it after alpmevent_add_path() for all files of all packages.
 */
void alpmevent_add_removed(struct event *e, const struct strv *targets);

/*
 * Add to e->initramfs_follows the kernels of `e` whose initramfs another hook makes in this
 * transaction, after our hook.
 */
void alpmevent_add_follows(struct event *e, const struct alpm_hooks *hooks,
			   const struct strv *targets);
/*
 * Does another hook build modules in our place?  Such a hook is one of the three of Arch's own dkms
 * package, or runs the script of that package.  Returns the path of the hook, borrowed.  NULL:
 * there is no such hook, it is masked, or what it runs does not exist.
 *
 * If the result is NULL, ret_beside has the paths of all other hooks that run dkms.  Such hooks do
 * no harm.
 */
const char *alpmevent_rival(const struct alpm_hooks *hooks, alpmevent_on_disk *on_disk,
			    struct strv *ret_beside);
