/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ours - did dkms install this file in a kernel's tree?
 *
 * A file is ours if a record names its path, and its content shows that it is ours (ours_stands()).
 * The path alone is not enough: package managers, `make modules_install` and users install to the
 * same places.
 */
#include <sys/stat.h>

#include "engine/engine.h"
#include "engine/target.h"
#include "model/record.h"

/*
 * Is the file at m->path, whose lstat is `st`, ours?  Returns 1, 0 or -errno.  The file is ours if
 * it is one of these:
 *  - the file that was installed for m;
 *  - a symlink into the dkms tree (symlink_modules);
 *  - another build of the same version, if no package owns the file: DKMS takes such a file for its
 *    own.
 */
int ours_stands(const struct engine *e, const struct target *t, const struct record_module *m,
		const struct stat *st) MUST_CHECK;

/* A module that is installed according to the record of some module package. */
struct ours_file {
	char *name, *version; /* of the module package */
	char *arch;
	struct record_module module;
};
struct ours {
	struct ours_file *v;
	size_t n;
};
#define AUTO_OURS CLEANUP(ours_release)
void ours_release(struct ours *o);
/*
 * List what is installed for the kernel according to the records; the files are not looked at.
 * Damaged records are skipped.  The caller releases ret.
 */
void ours_list(const struct engine *e, const char *release, struct ours *ret);
/*
 * Has an installed module of another module package kept out a module of `record` (refused_by)?
 * Returns that other module package as "NAME/VERSION"; NULL: there is none.  Caller frees.
 */
char *ours_rival(const struct engine *e, const char *release, const struct record *record);
/*
 * The entry of `o` for this path.  NULL: there is none, or the file that is there now is not ours
 * (ours_stands()).
 */
const struct ours_file *ours_at(const struct engine *e, const struct ours *o, const char *release,
				const char *path);
