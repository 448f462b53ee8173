/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfslook - find the initramfs generator and a kernel's images, and look for modules in them
 * and in the generator's configuration.
 */
#include "engine/engine.h"

enum initramfs_kind {
	INITRAMFS_NONE,
	INITRAMFS_TOOLS,      /* update-initramfs -u -k K */
	INITRAMFS_DRACUT,     /* dracut --force --kver K; writes a UKI if configured to */
	INITRAMFS_MKINITCPIO, /* mkinitcpio -p PRESET, named after the kernel's package */
	INITRAMFS_BOOSTER,    /* booster build --force --kernel-version K IMAGE */
};

/*
 * The first generator, in the order of the enum, whose program exists in the root; else
 * INITRAMFS_NONE.
 */
enum initramfs_kind initramfs_kind(const struct engine *e);
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
/*
 * Does the generator's configuration name one of these modules?  true: *ret_name is the name of
 * that module; caller frees.
 */
bool initramfs_configured(const struct engine *e, enum initramfs_kind kind,
			  const struct strv *names, char **ret_name);
/* The package name in <install_tree>/K/pkgbase (Arch); NULL: none.  Caller frees. */
char *initramfs_kernel_package(const struct engine *e, const char *release);

/*
 * Search a lister's output (one path a line) for a module file with one of these names.  Returns
 * the name that was found, which points into names; NULL: none.  Pure.
 */
const char *initramfs_list_has(const char *list, const struct strv *names);
/* The same for the words of a configuration's text.  Comments ("#") are skipped.  Pure. */
const char *initramfs_config_names(const char *text, const struct strv *names);
