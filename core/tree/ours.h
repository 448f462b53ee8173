/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ours - is a module file in a kernel's tree one that we put there?
 *
 * A path is ours by its content: a record names it, and the file has the bytes that were installed.
 * Package managers, `make modules_install` and persons put theirs at the same places.
 */
#include <sys/stat.h>

#include "engine/engine.h"
#include "engine/target.h"
#include "model/record.h"

/*
 * Is what stands at m->path, with that (lstat) stat, still what was installed of m?  1, 0 or
 * -errno. A link into our tree is (symlink_modules), and another build of the same version is as
 * well, if no package owns it: DKMS takes that for its own.
 */
int ours_stands(const struct engine *e, const struct target *t, const struct record_module *m,
		const struct stat *st) MUST_CHECK;

/* A module of any module package that a record says is installed. */
struct ours_file {
	char *name, *version; /* module package */
	char *arch;
	struct record_module module; /* its dest, path, bytes, original */
};
struct ours {
	struct ours_file *v;
	size_t n;
};
#define AUTO_OURS CLEANUP(ours_release)
void ours_release(struct ours *o);
/* What records say is installed for the kernel, whatever stands there now.  Damaged ones are passed
 * over. */
void ours_list(const struct engine *e, const char *release, struct ours *ret);
/* "NAME/VERSION" of whose module refused one of this record's; NULL: none of ours.  Caller frees.
 */
char *ours_rival(const struct engine *e, const char *release, const struct record *record);
/* The one that path still is, by content; NULL: it is none of them. */
const struct ours_file *ours_at(const struct engine *e, const struct ours *o, const char *release,
				const char *path);
