/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * look - fill the scene of a kernel (scene.h) from the disk.  Writes nothing.  Starts processes
 * only to unpack modules and initramfs.
 */
#include "tree/tree.h"
#include "verify/boot.h"
#include "verify/scene.h"

struct look {
	struct engine *e;
	const struct tree *tree;
	struct firmware *firmware; /* gets our own keys */
	const struct boot *boot;
};
/*
 * Begin the scene of the kernel: its release, and the names and paths of our modules.  Reads no
 * module.  The caller releases *ret.
 */
void look_for_ours(const struct look *l, const char *release, struct scene *ret);
/* Fill the scene that look_for_ours() has begun. */
void look_at_kernel(const struct look *l, struct scene *ret);
/* Append the places where the symbols of the kernel may be, Module.symvers first. */
void look_symvers_paths(const struct engine *e, const char *release, struct strv *ret);
