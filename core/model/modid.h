/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modid - a module package's name and version, and the rule for both.
 *
 * On disk the two are path components (<dkms_tree>/NAME/VERSION,
 * <source_tree>/NAME-VERSION), so a usable one is a plain component: not
 * empty, at most 200 bytes, not "." or "..", no '/', no byte below 0x21 or
 * 0x7f, no '%' and none of the shell's * ? [ ] \ " ' ` $ ; & | < > ( ) { } !; it does
 * not begin with '-', a name not with '.' either, and a version is not one of the names DKMS uses
 * on that level ("original_module", "kernel-*").  (DKMS checks nothing; see the manual's
 * DIFFERENCES.)
 */
#include "base/error.h"

struct modid {
	char *name;
	char *version; /* NULL where only a name was given */
};
#define MODID_INIT { NULL, NULL }
#define AUTO_MODID CLEANUP(modid_release)

void modid_release(struct modid *id);
void modid_copy(struct modid *to, const struct modid *from);
/* NULL is lowest; both by vercmp's order of names (strcmp), then versions (vercmp.h). */
int modid_compare(const struct modid *a, const struct modid *b);
bool modid_equal(const struct modid *a, const struct modid *b);

/* NULL when the name (version) may be used, else a static text that says why not. */
const char *modid_name_problem(const char *name);
const char *modid_version_problem(const char *version);
/* The same rule for a kernel release or an architecture. */
const char *modid_kernel_problem(const char *release);
/*
 * "NAME" or "NAME/VERSION", split at the first '/'.  -E_BAD_NAME with the
 * text in err; *ret untouched then.
 */
int modid_parse(const char *s, struct modid *ret, struct err *err) MUST_CHECK;
/* "NAME/VERSION" or "NAME"; caller frees. */
char *modid_text(const struct modid *id);
