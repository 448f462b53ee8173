/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kerneltree - module files in a kernel's tree, by the name that the loader knows them by.
 */
#include "engine/engine.h"

/*
 * Module name of a file name: "v4l2-foo.ko.xz" is "v4l2_foo", for the loader takes '-' and '_'
 * for the same.  NULL when it is no module's; caller frees.  Pure.
 */
char *kerneltree_module_name(const char *file);

struct kerneltree_file {
	char *path; /* absolute inside the root */
	char *name; /* module name */
};
struct kerneltree_files {
	struct kerneltree_file
		*v; /* in the order in which DKMS looks: extra, updates, the rest; by path */
	size_t n;
};
#define AUTO_KERNELTREE_FILES CLEANUP(kerneltree_files_release)
void kerneltree_files_release(struct kerneltree_files *f);
/*
 * All files of <install_tree>/K that have one of the module names.  A missing tree has none.
 *
 * The tree is listed at the first question about it, and the listing serves the whole run: a
 * module file that nobody has indexed counts as well, so modules.dep cannot answer.  What
 * has gone since is left out; what this run has put there must be noted.
 */
int kerneltree_find(struct engine *e, const char *release, const struct strv *names,
		    struct kerneltree_files *ret) MUST_CHECK;
/* This run has put, or is going to put, a file there. */
void kerneltree_note(struct engine *e, const char *release, const char *path);
/* Frees the listings. */
void kerneltree_forget(struct engine *e);
/* Name of the file for dest in folder, whatever its compression: "dest.ko.xz"; NULL: none.  Caller
 * frees. */
char *kerneltree_file_for(const struct root *r, const char *folder, const char *dest);
/* Same bytes? */
bool kerneltree_same_file(const struct root *r, const char *a, const char *b);
