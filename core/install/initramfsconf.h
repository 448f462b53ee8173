/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfsconf - which modules the configuration of an initramfs generator asks for.
 *
 * Lists and settings name modules: /etc/initramfs-tools/modules, add_drivers, MODULES.  Scripts of
 * packages and admins add modules to every image: hooks of initramfs-tools, modules.d of dracut,
 * the install scripts of mkinitcpio's HOOKS.
 *
 * Scripts are read as text, never run.  Every word of a script counts if the script has a command
 * that adds modules.  So a module may count although the script does not add it on this machine.
 * Then the image is made anew without need.
 */
#include "install/initramfslook.h"

/*
 * Does the configuration of the generator ask for one of these modules, or for a folder of the
 * kernel's tree that has one of them?  If so, *ret_name is the name of that module; caller frees.
 */
bool initramfs_configured(struct engine *e, enum initramfs_kind kind, const char *release,
			  const struct strv *names, char **ret_name);

/*
 * Find the first word of the text that is one of `names`.  Returns that element of `names`, or NULL
 * if there is no such word.  Comments ("#") are skipped, and so are lines that tell dracut what to
 * leave out (e.g. omit_drivers).  Pure.
 */
const char *initramfs_config_names(const char *text, const struct strv *names);
/*
 * Does the text ask for a folder of the kernel's tree that has the module file at `path`?  It may
 * say "copy_modules_dir updates", "=drivers/net" or "/drivers/net/".  `path` is relative to the
 * kernel's tree.  Pure.
 */
bool initramfs_config_has_folder(const char *text, const char *path);
