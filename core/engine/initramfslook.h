/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfslook - what is in a kernel's initramfs and in its generator's configuration.
 */
#include "engine/initramfs.h"

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
