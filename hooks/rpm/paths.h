/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * paths - what does a file in a package stand for: a kernel, headers, a module source?
 *
 * Pure.  The layouts are those of Fedora and Enterprise Linux, of SUSE, and of the kernel's own
 * `make rpm-pkg`.  dir ends in '/', as rpm has it.
 */
#include <stdbool.h>

enum path_kind {
	PATH_OTHER,
	PATH_KERNEL,  /* an image; key: the release */
	PATH_HEADERS, /* the headers' Makefile; key: the release */
	PATH_SOURCE,  /* a dkms.conf; key: the folder below /usr/src */
	PATH_LINK, /* /lib/modules/K/build: tells of no package, but it may make headers usable */
};

/* ret_key: to be freed by the caller; untouched for PATH_OTHER. */
enum path_kind path_look(const char *dir, const char *base, char **ret_key);
/* Can a file of this folder be anything but PATH_OTHER?  Cheap, and may say yes too often. */
bool path_dir_matters(const char *dir);
