/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfslook - find the initramfs generator and a kernel's images, and look for modules in them.
 */
#include "engine/engine.h"

/*
 * Each is known by what it alone has.  dracut brings an update-initramfs, too, and the parts of
 * initramfs-tools may stay when dracut has taken its place.
 */
enum initramfs_kind {
	INITRAMFS_NONE,
	/*
	 * kernel-install(8) with layout=uki, where plugins of dracut or mkinitcpio make the
	 * initramfs.  initramfs-tools has no such plugin; it makes its image, and a hook runs
	 * kernel-install.
	 */
	INITRAMFS_KERNEL_INSTALL,
	INITRAMFS_TOOLS,      /* mkinitramfs, started by update-initramfs */
	INITRAMFS_DRACUT,     /* writes a UKI if configured to */
	INITRAMFS_MKINITCPIO, /* by the preset that is called as the kernel's package */
	INITRAMFS_BOOSTER,
};

/*
 * The first generator, in the order of the enum, that is in the root and has an image of this
 * kernel; else the first that is in the root; else INITRAMFS_NONE.
 */
enum initramfs_kind initramfs_kind(const struct engine *e, const char *release);
/* Who generates for INITRAMFS_KERNEL_INSTALL; else kind itself. */
enum initramfs_kind initramfs_generator(const struct engine *e, enum initramfs_kind kind);
/* Is there an update-initramfs that starts dracut? */
bool initramfs_update_runs_dracut(const struct engine *e);
/* Append the paths of the kernel's existing images. */
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
/* The package name in <install_tree>/K/pkgbase (Arch); NULL: none.  Caller frees. */
char *initramfs_kernel_package(const struct engine *e, const char *release);

/*
 * Search a lister's output (one path a line) for a module file with one of these names.  Returns
 * the name that was found, which points into names; NULL: none.  Pure.
 */
const char *initramfs_list_has(const char *list, const struct strv *names);
/*
 * Is a file in EFI/Linux the unified image (UKI) of this kernel?  "TOKEN-K.efi" with
 * kernel-install, which may add "+TRIES" or "+TRIES-FAILED"; "linux-K-MACHINE.efi" with dracut.
 * Pure.
 */
bool initramfs_is_uki_of(const char *file, const char *release);
