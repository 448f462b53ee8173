/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * missing - what a kernel lacks: module packages that AUTOINSTALL wants there, and critical ones
 * (the setting critical_modules), which must be there even if their dkms.conf or a hold keeps them
 * off this kernel.
 */
#include "decide/standing.h"

struct missing {
	char *name;    /* NAME, or NAME/VERSION */
	char *why;     /* "failed: foo.c:1: error: ..." */
	char *cure;    /* a command to type; NULL: there is none */
	bool critical; /* named by critical_modules */
};
struct missing_list {
	struct missing *v;
	size_t n;
};
#define AUTO_MISSING_LIST CLEANUP(missing_list_release)

void missing_list_release(struct missing_list *l);
/*
 * Append to `ret` what the kernel lacks.  `critical` has names of module packages, or "*" for all
 * that are registered.  With `all`, those that AUTOINSTALL wants count, too.  Pure.
 */
void missing_find(const struct world *w, const struct standings *l, const char *release,
		  const struct strv *critical, bool all, struct missing_list *ret);
