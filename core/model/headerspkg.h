/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headerspkg - the package that has the headers of a kernel, as its distribution names it.
 *
 * Rules: the distributions' own package lists.  A distribution is known by the words of ID_LIKE or
 * ID of os-release (engine/distro.h); flavours by the kernel's release, on Arch and its relatives
 * by <install_tree>/K/pkgbase where there is one.
 */
#include "base/util.h"

struct headerspkg_facts {
	const char *distro;  /* "debian", "rhel centos fedora" */
	const char *release; /* of the kernel */
	const char *pkgbase; /* Arch: content of the file, NULL: there is none */
};

struct headerspkg {
	char *package; /* NULL: not known for this distribution */
	char *command; /* what installs it, NULL likewise */
};
#define AUTO_HEADERSPKG CLEANUP(headerspkg_release)

void headerspkg_release(struct headerspkg *p);
/* Nothing for a release that no distribution gives to a kernel: one without leading number. */
void headerspkg_find(const struct headerspkg_facts *f, struct headerspkg *ret);
