/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modid - name and version of a module package, and which of them can be used.
 *
 * Both become components of paths (<dkms_tree>/NAME/VERSION, <source_tree>/NAME-VERSION).  So
 * these are refused:
 *
 * - the empty text, ".", "..", and more than 200 bytes
 * - '-' as the first character; in a name, also '.' as the first character
 * - '/', a blank, a control character, '%', and anything that is special to a shell: * ? [ ] \ " '
 *   ` $ ; & | < > ( ) { } !
 * - as a version, the names that DKMS uses at that place: "original_module" and "kernel-*"
 *
 * DKMS checks none of this (dkms(8), DIFFERENCES).
 */
#include "base/error.h"

struct modid {
	char *name;
	char *version; /* NULL: only a name was given */
};
#define MODID_INIT         \
	{                  \
		NULL, NULL \
	}
#define AUTO_MODID CLEANUP(modid_release)

void modid_release(struct modid *id);
/* Replaces what *to holds. */
void modid_copy(struct modid *to, const struct modid *from);
/* By name (strcmp), then by version (vercmp.h); NULL is lowest.  0 only if a and b are equal. */
int modid_compare(const struct modid *a, const struct modid *b);
bool modid_equal(const struct modid *a, const struct modid *b);

/* NULL if the name (version) can be used, else a static text that says why not. */
const char *modid_name_problem(const char *name);
const char *modid_version_problem(const char *version);
/*
 * The same for a kernel release, an architecture or a folder in <source_tree>.  "source", "build"
 * and "tarball" are refused as well: the DKMS tree has folders of these names beside those of
 * kernels.
 */
const char *modid_kernel_problem(const char *release);
/* Parse "NAME" or "NAME/VERSION".  Returns 0, or -E_BAD_NAME; then *ret is unchanged. */
int modid_parse(const char *s, struct modid *ret, struct err *err) MUST_CHECK;
/* "NAME/VERSION" or "NAME".  Caller frees. */
char *modid_text(const struct modid *id);
