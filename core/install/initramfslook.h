/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfslook - find the initramfs generator and a kernel's images, and look for modules in them.
 */
#include "engine/engine.h"

/*
 * The generators.  Each is recognised by its programs.  update-initramfs alone does not prove that
 * initramfs-tools is there: Debian's dracut has a program of that name, too.  If dracut has
 * replaced initramfs-tools but left parts of it behind, those parts do not count.
 */
enum initramfs_kind {
	INITRAMFS_NONE,
	/*
	 * kernel-install(8) with layout=uki, where plugins of dracut or mkinitcpio make the
	 * initramfs.  initramfs-tools has no such plugin: first it makes its image, then one of its
	 * hooks runs kernel-install.
	 */
	INITRAMFS_KERNEL_INSTALL,
	INITRAMFS_TOOLS,      /* mkinitramfs, started by update-initramfs */
	INITRAMFS_DRACUT,     /* makes a UKI if it is configured to */
	INITRAMFS_MKINITCPIO, /* uses the preset named after the kernel's package */
	INITRAMFS_BOOSTER,
};

/*
 * The first generator, in the order of the enum, that is installed in the root and has an image of
 * this kernel (initramfs_images()); else the first that is installed; else INITRAMFS_NONE.
 */
enum initramfs_kind initramfs_kind(const struct engine *e, const char *release);
/*
 * For INITRAMFS_KERNEL_INSTALL, returns the generator whose plugin makes the initramfs;
 * INITRAMFS_NONE: there is none.  Any other kind is returned as it is.
 */
enum initramfs_kind initramfs_generator(const struct engine *e, enum initramfs_kind kind);
/* Is there an update-initramfs that starts dracut? */
bool initramfs_update_runs_dracut(const struct engine *e);
/* Append the paths of the kernel's images that exist where this generator writes them. */
void initramfs_images(const struct engine *e, enum initramfs_kind kind, const char *release,
		      struct strv *ret);
enum initramfs_answer { INITRAMFS_HAS, INITRAMFS_HAS_NOT, INITRAMFS_CANNOT_TELL };
/*
 * Does any image of the kernel contain one of these modules?  INITRAMFS_HAS: *ret_name is the name
 * of that module; caller frees.  Other answers leave *ret_name untouched.
 */
enum initramfs_answer initramfs_contains(const struct engine *e, enum initramfs_kind kind,
					 const char *release, const struct strv *names,
					 char **ret_name);
/* The package name in <install_tree>/RELEASE/pkgbase (Arch); NULL: none.  Caller frees. */
char *initramfs_kernel_package(const struct engine *e, const char *release);

/*
 * Search a lister's output (one path a line) for a module file with one of these names.  Returns
 * the name that was found, which points into names; NULL: none.  Pure.
 */
const char *initramfs_list_has(const char *list, const struct strv *names);
/*
 * Is `file`, a file name in EFI/Linux, the unified image (UKI) of the kernel release K?
 * kernel-install calls it "TOKEN-K.efi", perhaps with "+TRIES" or "+TRIES-FAILED" after K.  dracut
 * calls it "linux-K-MACHINE.efi".  Pure.
 */
bool initramfs_is_uki_of(const char *file, const char *release);
