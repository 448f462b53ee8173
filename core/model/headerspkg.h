/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * headerspkg - the package with the headers of a kernel, and the command that installs it.
 *
 * Names are from the package lists of the distributions.  The words of ID and ID_LIKE in
 * os-release (engine/distro.h) tell the distribution.  The release tells the flavour of the
 * kernel.  On Arch and its relatives the file <install_tree>/RELEASE/pkgbase, if there is one,
 * counts instead of the release.
 */
#include "base/util.h"

struct headerspkg_facts {
	const char *distro;  /* words: "debian", "rhel centos fedora" */
	const char *release; /* of the kernel */
	const char *pkgbase; /* Arch: content of the file; NULL: none */
};

struct headerspkg {
	char *package; /* NULL: not known */
	char *command; /* installs it; NULL: not known */
};
#define AUTO_HEADERSPKG CLEANUP(headerspkg_release)

void headerspkg_release(struct headerspkg *p);
/*
 * Overwrites *ret.  Its members are NULL if the package is not known, e.g. because the distribution
 * is not known, or because the release does not begin with a number and a dot.
 */
void headerspkg_find(const struct headerspkg_facts *f, struct headerspkg *ret);
