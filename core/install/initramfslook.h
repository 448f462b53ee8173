/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfslook - what is in a kernel's initramfs and in its generator's configuration.
 */
#include "engine/engine.h"

enum initramfs_kind {
	INITRAMFS_NONE,
	INITRAMFS_TOOLS,  /* update-initramfs -u -k K */
	INITRAMFS_DRACUT, /* dracut --force --kver K: its unified image too, if it is set to make
			     one */
	INITRAMFS_MKINITCPIO, /* mkinitcpio -p PRESET, the preset of the kernel's package */
	INITRAMFS_BOOSTER,    /* booster build --force --kernel-version K IMAGE */
};
const char *initramfs_kind_name(enum initramfs_kind kind);

/* The generator that is installed in the root; the setting "initramfs" may name one or say "never".
 */
enum initramfs_kind initramfs_kind(const struct engine *e);
/* The kernel's images that exist. */
void initramfs_images(const struct engine *e, enum initramfs_kind kind, const char *release,
		      struct strv *ret);
enum initramfs_answer { INITRAMFS_HAS, INITRAMFS_HAS_NOT, INITRAMFS_CANNOT_TELL };
/* Does any image of the kernel hold a module of names?  ret_name: which; caller frees, untouched
 * otherwise. */
enum initramfs_answer initramfs_contains(const struct engine *e, enum initramfs_kind kind,
					 const char *release, const struct strv *names,
					 char **ret_name);
/* Does the generator's configuration name one? */
bool initramfs_configured(const struct engine *e, enum initramfs_kind kind,
			  const struct strv *names, char **ret_name);
/* <install_tree>/K/pkgbase, as Arch's kernels have it; NULL: none.  Caller frees. */
char *initramfs_kernel_package(const struct engine *e, const char *release);

/* A lister's output (one path a line) has a module of one of names; returns its name or NULL. Pure.
 */
const char *initramfs_list_has(const char *list, const struct strv *names);
/* A configuration's text names one of names outside of comments; returns its name or NULL.  Pure.
 */
const char *initramfs_config_names(const char *text, const struct strv *names);
