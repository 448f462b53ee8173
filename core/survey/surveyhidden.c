/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "module/kerneltree.h"
#include "module/modinfo.h"
#include "packages/owners.h"
#include "survey/surveyconf.h"
#include "sys/fs.h"

/* Is the file installed for the kernel? */
static bool hidden_is_on(const struct survey_scope *scope, const struct survey_file *f,
			 const struct world_kernel *k)
{
	return strcmp(scope->w->builds[f->build].release, k->release) == 0;
}

/* Hash the paths of our files that are installed for the kernel. */
static void hidden_hash_files(const struct survey_scope *scope, const struct world_kernel *k,
			      char *ret_hex)
{
	struct digest d;

	digest_begin(&d);
	for (size_t i = 0; i < scope->n_files; i++) {
		if (hidden_is_on(scope, &scope->files[i], k))
			digest_add_string(&d, scope->files[i].path);
	}
	digest_end(&d, ret_hex);
}

/*
 * Does the module loader find a package's file, or no file, in place of our file at `path`?  False
 * if an install would refuse our module because of the package's file (model/vercheck.h).  A file
 * that no package owns does not count: a person or another module package of ours put it there.
 */
static bool hidden_is_shadowed(const struct survey_scope *scope, const struct modinfo_index *index,
			       const char *tree, const char *path)
{
	AUTO_FREE char *name = kerneltree_module_name(strrchr(path, '/') + 1);
	AUTO_FREE char *found = NULL;
	int r;

	if (!name || !path_is_below(path, tree))
		return false;
	r = modinfo_index_find(index, name, &found);
	if (r < 0)
		return r == -ENOENT;
	return !root_same_place(&scope->e->root, found, path) &&
	       tree_goes_over(scope->e, path, found) &&
	       owners_of(scope->e, found, NULL) != OWNER_NOBODY;
}

static void hidden_mark_kernel(struct survey_scope *scope, const struct world_kernel *k)
{
	AUTO_MODINFO_INDEX struct modinfo_index index = MODINFO_INDEX_INIT;
	AUTO_FREE char *tree = engine_modules(scope->e, "%s", k->release);
	AUTO_FREE char *path = xasprintf("%s/modules.dep.bin", tree);
	char files[DIGEST_HEX];
	const char *known;
	struct stamp stamp;
	struct stat st;
	bool all = true;

	if (fs_stat(&scope->e->root, path, &st) < 0)
		return;
	hidden_hash_files(scope, k, files);
	stamp_begin(&stamp);
	stamp_add(&stamp, path, &st);
	stamp_end(&stamp);
	/*
	 * The cache remembers the index and our files as they were when a survey found nothing
	 * hidden.  If both are unchanged, nothing is hidden now.
	 */
	known = cache_get(&scope->s->loader, k->release, &stamp);
	if ((known && strcmp(known, files) == 0) ||
	    modinfo_index_read(&scope->e->root, tree, &index) < 0)
		return;
	for (size_t i = 0; i < scope->n_files; i++) {
		const struct survey_file *f = &scope->files[i];

		if (!hidden_is_on(scope, f, k) || !hidden_is_shadowed(scope, &index, tree, f->path))
			continue;
		scope->w->builds[f->build].hidden = true;
		all = false;
	}
	if (all)
		cache_put(&scope->s->loader, k->release, &stamp, files);
}

void survey_mark_hidden(struct survey_scope *scope)
{
	for (size_t i = 0; i < scope->w->n_kernels && scope->n_files; i++) {
		const struct world_kernel *k = &scope->w->kernels[i];

		if (k->tree && !k->depmod_pending)
			hidden_mark_kernel(scope, k);
	}
}
