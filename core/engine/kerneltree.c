/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/kerneltree.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "engine/digest.h"
#include "sys/fs.h"

static const char *const suffixes[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };

char *kerneltree_module_name(const char *file)
{
	size_t len = strlen(file);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t n = strlen(suffixes[i]);
		char *name;

		if (len <= n || strcmp(file + len - n, suffixes[i]) != 0)
			continue;
		name = xstrndup(file, len - n);
		for (char *p = name; *p; p++)
			*p = *p == '-' ? '_' : *p;
		return name;
	}
	return NULL;
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

struct find {
	const char *tree;
	const struct strv *names;
	struct kerneltree_files *files;
};

static int find_one(const char *rel, const struct stat *st, void *data)
{
	struct find *f = data;
	const char *base = strrchr(rel, '/') ? strrchr(rel, '/') + 1 : rel;
	AUTO_FREE char *name = NULL;
	struct kerneltree_file file;

	if (!S_ISREG(st->st_mode) && !S_ISLNK(st->st_mode))
		return 0;
	name = kerneltree_module_name(base);
	if (!name || !strv_has(f->names, name))
		return 0;
	file = (struct kerneltree_file){ xasprintf("%s/%s", f->tree, rel), TAKE(name) };
	VEC_PUSH(f->files->v, f->files->n, file);
	return 0;
}

static int folder_rank(const char *path)
{
	if (strstr(path, "/extra/"))
		return 0;
	return strstr(path, "/updates/") ? 1 : 2;
}

static int compare(const void *a, const void *b)
{
	const struct kerneltree_file *x = a, *y = b;
	int c = folder_rank(x->path) - folder_rank(y->path);

	return c ? c : strcmp(x->path, y->path);
}

int kerneltree_find(const struct engine *e, const char *release, const struct strv *names,
		    struct kerneltree_files *ret)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_STRV struct strv normal = STRV_INIT;
	struct kerneltree_files files = { 0 };
	struct find f = { tree, &normal, &files };
	const char *name;
	int r;

	STRV_FOREACH (name, names) {
		AUTO_FREE char *file = xasprintf("%s.ko", name);

		strv_take(&normal, kerneltree_module_name(file));
	}
	r = fs_is_dir(&e->root, tree) ? fs_walk(&e->root, tree, find_one, &f) : 0;
	if (r < 0) {
		kerneltree_files_release(&files);
		return r;
	}
	if (files.n)
		qsort(files.v, files.n, sizeof(*files.v), compare);
	*ret = files;
	return 0;
}

char *kerneltree_file_for(const struct root *r, const char *folder, const char *dest)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s%s", folder, dest, suffixes[i]);

		if (fs_is_file(r, path))
			return xasprintf("%s%s", dest, suffixes[i]);
	}
	return NULL;
}

bool kerneltree_same_file(const struct root *r, const char *a, const char *b)
{
	char x[DIGEST_HEX], y[DIGEST_HEX];

	return digest_file(r, a, x) == 0 && digest_file(r, b, y) == 0 && !strcmp(x, y);
}
