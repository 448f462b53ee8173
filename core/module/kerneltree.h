/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kerneltree - find module files in a kernel's tree by the name that the loader uses.
 */
#include "engine/engine.h"

/* The suffixes of module files: ".ko", ".ko.gz", ".ko.xz", ".ko.zst".  NULL ends the list. */
extern const char *const kerneltree_suffixes[];
/* The suffix with which `file` ends; NULL: not a module.  Static.  Pure. */
const char *kerneltree_suffix(const char *file);
/*
 * The loader's name of the module in `file`, a file name without folder: "v4l2_foo" for
 * "v4l2-foo.ko.xz".  NULL: not a module.  Caller frees.  Pure.
 */
char *kerneltree_module_name(const char *file);

struct kerneltree_file {
	char *path; /* absolute inside the root */
	char *name; /* module name */
};
struct kerneltree_files {
	/*
	 * In DKMS's order: files below extra, files below updates, other files; each group sorted
	 * by path.
	 */
	struct kerneltree_file *v;
	size_t n;
};
#define AUTO_KERNELTREE_FILES CLEANUP(kerneltree_files_release)
void kerneltree_files_release(struct kerneltree_files *f);
/*
 * Find all files in <install_tree>/K whose module name is one of `names`.  If the tree is missing,
 * there are none.
 *
 * Files that depmod has not indexed count, too, so modules.dep is not used.  The first call for a
 * kernel lists the whole tree, and the listing is used for the rest of the run.  Files that were
 * removed since then are left out.  For each file that this run adds, call kerneltree_note().
 */
int kerneltree_find(struct engine *e, const char *release, const struct strv *names,
		    struct kerneltree_files *ret) MUST_CHECK;
/* Add a file that this run has installed, or is about to install, to the listing. */
void kerneltree_note(struct engine *e, const char *release, const char *path);
/* Free all listings. */
void kerneltree_forget(struct engine *e);
/*
 * The file name of the module `dest` in `folder`: the first of "DEST.ko", "DEST.ko.gz" ... that
 * exists; NULL: none.  Caller frees.
 */
char *kerneltree_file_for(const struct root *r, const char *folder, const char *dest);
