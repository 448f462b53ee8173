/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * itempath - what a file of a package stands for: a kernel, its headers or a module source.
 *
 * Pure: only the path is looked at.  Which files identify what depends on how the distributions of
 * a package manager lay out their packages; the tables in itempath.c list them.  Out of memory
 * ends the process (base/alloc.h); librpm, the one foreign process that this runs in, does the
 * same.
 */
#include "model/event.h"

enum itempath_layout {
	LAYOUT_DPKG,   /* Debian, Ubuntu, and the kernel's own `make deb-pkg` */
	LAYOUT_RPM,    /* Fedora, Enterprise Linux, SUSE, and the kernel's own `make rpm-pkg` */
	LAYOUT_PACMAN, /* Arch Linux */
};

/*
 * How well the file identifies the package that ships the item.  If files of two packages stand for
 * the same item, the higher rank decides which of them owns it.
 */
enum itempath_rank {
	RANK_HINT,    /* the item may have changed; the file's package need not own it */
	RANK_PLACE,   /* a link or a conf */
	RANK_IMAGE,   /* a kernel image, or the Makefile of headers */
	RANK_ORDER,   /* modules.order */
	RANK_BUILTIN, /* modules.builtin, which only the kernel's own package ships */
};

struct itempath {
	enum owned_kind kind;
	enum itempath_rank rank;
	char *key; /* kernel release, or the folder below /usr/src */
};
#define AUTO_ITEMPATH CLEANUP(itempath_release)
void itempath_release(struct itempath *item);

/*
 * Paths are absolute, those of LAYOUT_PACMAN relative to the root and with a slash at the end of a
 * folder, as libalpm has them.  False, and *ret untouched, if the path stands for nothing, or under
 * dpkg and rpm for something whose name cannot be used (modid_kernel_problem()).  pacman's items
 * keep such a name: the engine warns about the line and counts its kind as incomplete.
 */
bool itempath_parse(enum itempath_layout layout, const char *path, struct itempath *ret);
/*
 * Can the path, or a file of this folder (with a slash at its end), stand for anything?  Cheap, and
 * may be true for a path that itempath_parse() refuses.
 */
bool itempath_may_matter(const char *path);
