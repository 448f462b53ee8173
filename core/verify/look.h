/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * look - fill the scene of a kernel (scene.h) from the disk.  Writes nothing.  Starts processes only
 * to unpack modules and initramfs.
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
/* Fill the scene of the kernel.  The caller releases *ret. */
void look_at_kernel(const struct look *l, const char *release, struct scene *ret);
