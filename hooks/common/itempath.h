/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * itempath - what a file of a package stands for: a kernel, its headers or a module source.
 *
 * Pure: only the path is looked at.  The distributions of each package manager lay out packages in
 * their own way, so itempath.c has a table of files for each package manager.
 *
 * If memory runs out, the process ends (base/alloc.h).  The only foreign process in which this code
 * runs is that of librpm, which ends in that case, too.
 */
#include "model/event.h"

enum itempath_layout {
	LAYOUT_DPKG,   /* Debian, Ubuntu, and the kernel's own `make deb-pkg` */
	LAYOUT_RPM,    /* Fedora, Enterprise Linux, SUSE, and the kernel's own `make rpm-pkg` */
	LAYOUT_PACMAN, /* Arch Linux */
};

/*
 * How well the file identifies the package that ships the item.  If files of two packages of dpkg
 * stand for the same item, the package whose file has the higher rank owns the item.
 */
enum itempath_rank {
	RANK_HINT,  /* the item may have changed; the file's package need not own it */
	RANK_PLACE, /* the link `build` (except for rpm), a dkms.conf, a kernel's folder `kernel` */
	RANK_IMAGE, /* a kernel image (pacman: pkgbase), or the Makefile of headers */
};

struct itempath {
	enum owned_kind kind;
	enum itempath_rank rank;
	char *key; /* kernel release, or the folder below /usr/src */
};
#define AUTO_ITEMPATH CLEANUP(itempath_release)
void itempath_release(struct itempath *item);

/*
 * Find the item for which the file `path` stands.  `path` is absolute, except for LAYOUT_PACMAN:
 * libalpm's paths are relative to the root, and a folder has a slash at its end.
 *
 * Returns false, and leaves *ret untouched, if the path stands for nothing.  For dpkg and rpm it
 * also returns false if the key cannot be used (modid_kernel_problem()).  For pacman it accepts
 * such a key, so that the item goes into the event; the engine then warns about it, and counts its
 * kind as incomplete.
 */
bool itempath_parse(enum itempath_layout layout, const char *path, struct itempath *ret);
/*
 * Can the path stand for an item?  If it ends with a slash, it is a folder: can a file in that
 * folder stand for an item?  This is a cheap check before itempath_parse(), which may still refuse
 * the path.
 */
bool itempath_may_matter(const char *path);
