/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * found - what was found of our modules, for each kernel.
 */
#include "model/modid.h"
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

void verify_kernel_release(struct verify_kernel *k);

struct verify {
	enum firmware_boot boot;
	bool efi;
	struct verify_kernel *v; /* first the one that starts next, then the others, newest first */
	size_t n;
};
#define AUTO_VERIFY CLEANUP(verify_release)
void verify_release(struct verify *v);
/* What `v` says of a module package on a kernel: the gravest of its modules.  NULL: nothing. */
const struct verify_module *verify_gravest(const struct verify *v, const struct modid *id,
					   const char *release, const char *arch);
/* How many modules have this forecast. */
size_t verify_count(const struct verify *v, enum forecast forecast);
