/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * verify - will our modules load, with the kernels that can boot here?
 *
 * Our modules are those that are installed according to the dkms tree, and those in updates/dkms of
 * which it does not know.
 */
#include "verify/judge.h"

struct verify_module {
	char *name, *path;
	char *package, *version; /* NULL: not known */
	struct judgement judgement;
};

struct verify_kernel {
	char *release, *arch;
	bool next; /* the loader starts it by default */
	struct verify_module *v;
	size_t n;
};

struct verify {
	enum firmware_boot boot;
	bool efi;
	struct verify_kernel *v; /* the next default first, then newest first */
	size_t n;
};
#define AUTO_VERIFY CLEANUP(verify_release)
void verify_release(struct verify *v);
/* Look at these kernels; if none is named, at all that can boot. */
int verify_look(struct engine *e, const struct strv *releases, struct verify *ret,
		struct err *err) MUST_CHECK;
/* How many modules have this forecast. */
size_t verify_count(const struct verify *v, enum forecast forecast);
