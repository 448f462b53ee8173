/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfsconf - which modules the configuration of an initramfs generator asks for.
 *
 * That is what lists and settings name (/etc/initramfs-tools/modules, add_drivers, MODULES), and
 * what scripts of packages and admins add to every image: hooks of initramfs-tools, modules.d of
 * dracut, the install scripts of the HOOKS of mkinitcpio.
 *
 * Scripts are read as text, never run.  A word of a script counts if the script has a command that
 * adds modules.  So a module may be taken as asked for that a script leaves out on this machine;
 * the image is then made once more than needed.
 */
#include "install/initramfslook.h"

/*
 * Does the configuration of the generator ask for one of these modules, or for the folder of the
 * kernel's tree that has it?  true: *ret_name is the name of that module; caller frees.
 */
bool initramfs_configured(struct engine *e, enum initramfs_kind kind, const char *release,
			  const struct strv *names, char **ret_name);

/*
 * The first of names that is a word of the text; NULL: none.  Comments ("#") and what dracut omits
 * are skipped.  The result points into names.  Pure.
 */
const char *initramfs_config_names(const char *text, const struct strv *names);
/*
 * Does the text ask for the module file at path, relative to the kernel's tree, by one of its
 * folders?  "copy_modules_dir updates", "=drivers/net", "/drivers/net/".  Pure.
 */
bool initramfs_config_has_folder(const char *text, const char *path);
