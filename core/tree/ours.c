/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/ours.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/digest.h"
#include "module/modinfo.h"
#include "packages/owners.h"
#include "sys/fs.h"
#include "tree/tree.h"

/* Does the symlink lead into the dkms tree, like the symlinks of symlink_modules? */
static bool ours_links_into_tree(const struct engine *e, const char *path)
{
	AUTO_FREE char *to = NULL;

	return fs_readlink(&e->root, path, &to) == 0 && path_is_below(to, e->dkms_tree);
}

static bool ours_is_same_version(const struct engine *e, const struct target *t,
				 const struct record_module *m)
{
	AUTO_FREE char *folder = tree_built_dir(e, t);
	AUTO_FREE char *built = xasprintf("%s/%s", folder, m->file);
	AUTO_MODINFO struct modinfo a = { 0 }, b = { 0 };

	return modinfo_read(&e->root, built, &a) == 0 && modinfo_read(&e->root, m->path, &b) == 0 &&
	       !strcmp(a.version, b.version) && !strcmp(a.srcversion, b.srcversion) &&
	       (*a.version || *a.srcversion) && owners_of(e, m->path, NULL) == OWNER_NOBODY;
}

int ours_stands(const struct engine *e, const struct target *t, const struct record_module *m,
		const struct stat *st)
{
	char hex[DIGEST_HEX];
	int r = 0;

	if (S_ISLNK(st->st_mode))
		return ours_links_into_tree(e, m->path);
	if (!S_ISREG(st->st_mode))
		return false;
	if (tree_module_is_at(e, m, m->path, st))
		return true;
	/*
	 * tree_module_is_at() is also false if the file cannot be read.  In that case return the
	 * error, because 0 would say that the file is not ours.
	 */
	if (m->sha256)
		r = digest_file(&e->root, m->path, hex);
	return r < 0 ? r : ours_is_same_version(e, t, m);
}

/* ---- of all module packages ---- */

void ours_release(struct ours *o)
{
	for (size_t i = 0; i < o->n; i++) {
		free(o->v[i].name);
		free(o->v[i].version);
		free(o->v[i].arch);
		record_module_release(&o->v[i].module);
	}
	free(o->v);
	*o = (struct ours){ NULL, 0 };
}

static void ours_add(const struct engine *e, const struct target *t, struct ours *ret)
{
	AUTO_RECORD struct record record = { .depends = STRV_INIT };

	if (tree_record_read(e, t, &record, NULL) < 0)
		return;
	for (size_t i = 0; i < record.n_modules; i++) {
		struct ours_file f = { .name = NULL };

		if (!record.modules[i].path)
			continue;
		f.name = xstrdup(t->name);
		f.version = xstrdup(t->version);
		f.arch = xstrdup(t->arch);
		record_module_copy(&f.module, &record.modules[i]);
		VEC_PUSH(ret->v, ret->n, f);
	}
}

void ours_list(const struct engine *e, const char *release, struct ours *ret)
{
	AUTO_TREE struct tree tree = TREE_INIT;

	*ret = (struct ours){ NULL, 0 };
	if (tree_list(e, NULL, NULL, &tree) < 0)
		log_debug("%s cannot be listed", e->dkms_tree);
	for (size_t i = 0; i < tree.n_modules; i++) {
		const struct tree_module *m = &tree.modules[i];

		for (size_t j = 0; j < m->n_actives; j++) {
			const struct tree_active *a = &m->actives[j];
			struct target t = { m->name, a->version, a->release, a->arch };

			if (a->version && !strcmp(a->release, release))
				ours_add(e, &t, ret);
		}
	}
}

char *ours_rival(const struct engine *e, const char *release, const struct record *record)
{
	AUTO_OURS struct ours ours = { NULL, 0 };

	ours_list(e, release, &ours);
	for (size_t i = 0; i < record->n_modules; i++) {
		const char *by = record->modules[i].refused_by;

		for (size_t k = 0; by && k < ours.n; k++) {
			if (!strcmp(ours.v[k].module.path, by))
				return xasprintf("%s/%s", ours.v[k].name, ours.v[k].version);
		}
	}
	return NULL;
}

const struct ours_file *ours_at(const struct engine *e, const struct ours *o, const char *release,
				const char *path)
{
	struct stat st;

	if (fs_lstat(&e->root, path, &st) < 0)
		return NULL;
	for (size_t i = 0; i < o->n; i++) {
		const struct ours_file *f = &o->v[i];
		struct target t = { f->name, f->version, release, f->arch };

		if (!strcmp(f->module.path, path) && ours_stands(e, &t, &f->module, &st) == 1)
			return f;
	}
	return NULL;
}
