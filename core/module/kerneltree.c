/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/kerneltree.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "engine/digest.h"
#include "module/modinfo.h"
#include "sys/fs.h"

const char *const kerneltree_suffixes[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst", NULL };

const char *kerneltree_suffix(const char *file)
{
	size_t len = strlen(file);

	for (const char *const *s = kerneltree_suffixes; *s; s++) {
		size_t n = strlen(*s);

		if (len > n && strcmp(file + len - n, *s) == 0)
			return *s;
	}
	return NULL;
}

char *kerneltree_module_name(const char *file)
{
	const char *suffix = kerneltree_suffix(file);
	AUTO_FREE char *stem = suffix ? xstrndup(file, strlen(file) - strlen(suffix)) : NULL;

	return stem ? modinfo_loader_name(stem) : NULL;
}

void kerneltree_files_release(struct kerneltree_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].name);
	}
	free(f->v);
	*f = (struct kerneltree_files){ 0 };
}

/* ---- the listing of a kernel's tree, made once ---- */

struct kerneltree {
	char *release;
	struct kerneltree_files all; /* sorted by name; files of one name are in DKMS's order */
	struct kerneltree *next;
};

void kerneltree_forget(struct engine *e)
{
	while (e->kerneltrees) {
		struct kerneltree *k = e->kerneltrees;

		e->kerneltrees = k->next;
		free(k->release);
		kerneltree_files_release(&k->all);
		free(k);
	}
}

struct kerneltree_walk {
	const char *tree;
	struct kerneltree_files *files;
};

static int kerneltree_list_entry(const char *rel, const struct stat *st, void *data)
{
	struct kerneltree_walk *w = data;
	const char *base = strrchr(rel, '/') ? strrchr(rel, '/') + 1 : rel;
	struct kerneltree_file file = { 0 };

	if (!S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode))
		return 0;
	file.name = kerneltree_module_name(base);
	if (!file.name)
		return 0;
	file.path = xasprintf("%s/%s", w->tree, rel);
	VEC_PUSH(w->files->v, w->files->n, file);
	return 0;
}

static int kerneltree_folder_rank(const char *path)
{
	if (strstr(path, "/extra/"))
		return 0;
	return strstr(path, "/updates/") ? 1 : 2;
}

static int kerneltree_compare_paths(const void *a, const void *b)
{
	const struct kerneltree_file *file_a = a, *file_b = b;
	int c = kerneltree_folder_rank(file_a->path) - kerneltree_folder_rank(file_b->path);

	return c ? c : strcmp(file_a->path, file_b->path);
}

static int kerneltree_compare_names(const void *a, const void *b)
{
	const struct kerneltree_file *file_a = a, *file_b = b;
	int c = strcmp(file_a->name, file_b->name);

	return c ? c : kerneltree_compare_paths(a, b);
}

static struct kerneltree *kerneltree_known(const struct engine *e, const char *release)
{
	struct kerneltree *k = e->kerneltrees;

	while (k && strcmp(k->release, release) != 0)
		k = k->next;
	return k;
}

static int kerneltree_list(struct engine *e, const char *release, struct kerneltree **ret)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	struct kerneltree_files files = { 0 };
	struct kerneltree_walk w = { tree, &files };
	struct kerneltree *k;
	int r = fs_is_dir(&e->root, tree) ? fs_walk(&e->root, tree, kerneltree_list_entry, &w) : 0;

	if (r < 0) {
		kerneltree_files_release(&files);
		return r;
	}
	if (files.n)
		qsort(files.v, files.n, sizeof(*files.v), kerneltree_compare_names);
	k = xcalloc(1, sizeof(*k));
	*k = (struct kerneltree){ xstrdup(release), files, e->kerneltrees };
	e->kerneltrees = k;
	*ret = k;
	return 0;
}

/* The index of the first file with this module name, or the index where it would be inserted. */
static size_t kerneltree_first(const struct kerneltree_files *f, const char *name)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(f->v[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool kerneltree_has_path(const struct kerneltree_files *f, const char *name,
				const char *path)
{
	for (size_t i = kerneltree_first(f, name); i < f->n && !strcmp(f->v[i].name, name); i++) {
		if (strcmp(f->v[i].path, path) == 0)
			return true;
	}
	return false;
}

void kerneltree_note(struct engine *e, const char *release, const char *path)
{
	struct kerneltree *k = kerneltree_known(e, release);
	const char *slash = strrchr(path, '/');
	struct kerneltree_file file = { 0 };

	if (!k)
		return;
	file.name = kerneltree_module_name(slash ? slash + 1 : path);
	if (!file.name || kerneltree_has_path(&k->all, file.name, path)) {
		free(file.name);
		return;
	}
	file.path = xstrdup(path);
	VEC_PUSH(k->all.v, k->all.n, file);
	qsort(k->all.v, k->all.n, sizeof(*k->all.v), kerneltree_compare_names);
}

/* Append the files with this module name, except those that no longer exist. */
static void kerneltree_add_present(const struct engine *e, const struct kerneltree_files *all,
				   const char *name, struct kerneltree_files *ret)
{
	for (size_t i = kerneltree_first(all, name); i < all->n && !strcmp(all->v[i].name, name);
	     i++) {
		struct kerneltree_file file;
		struct stat st;

		if (fs_lstat(&e->root, all->v[i].path, &st) < 0 ||
		    (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)))
			continue;
		file = (struct kerneltree_file){ xstrdup(all->v[i].path), xstrdup(name) };
		VEC_PUSH(ret->v, ret->n, file);
	}
}

int kerneltree_find(struct engine *e, const char *release, const struct strv *names,
		    struct kerneltree_files *ret)
{
	struct kerneltree *k = kerneltree_known(e, release);
	struct kerneltree_files files = { 0 };
	AUTO_STRV struct strv normal = STRV_INIT;
	const char *name;
	int r = k ? 0 : kerneltree_list(e, release, &k);

	if (r < 0)
		return r;
	STRV_FOREACH (name, names) {
		AUTO_FREE char *known_as = modinfo_loader_name(name);

		if (!strv_has(&normal, known_as)) {
			kerneltree_add_present(e, &k->all, known_as, &files);
			strv_add(&normal, known_as);
		}
	}
	if (files.n)
		qsort(files.v, files.n, sizeof(*files.v), kerneltree_compare_paths);
	*ret = files;
	return 0;
}

char *kerneltree_file_for(const struct root *r, const char *folder, const char *dest)
{
	for (const char *const *s = kerneltree_suffixes; *s; s++) {
		AUTO_FREE char *path = xasprintf("%s/%s%s", folder, dest, *s);

		if (fs_is_file(r, path))
			return xasprintf("%s%s", dest, *s);
	}
	return NULL;
}
