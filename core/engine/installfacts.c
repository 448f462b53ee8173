/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/installfacts.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/kerneltree.h"
#include "engine/modinfo.h"
#include "engine/owners.h"
#include "engine/tree.h"
#include "sys/fs.h"

static bool is_ours(const struct record *active, const char *path)
{
	for (size_t i = 0; active && i < active->n_modules; i++)
		if (active->modules[i].path && !strcmp(active->modules[i].path, path))
			return true;
	return false;
}

static void add_place(const struct engine *e, const struct record *active,
		      struct installplan_module *m, char *path)
{
	struct installplan_place place = { .path = path };

	place.taken = fs_exists(&e->root, path) && !is_ours(active, path) &&
		      owners_of(e, path, NULL) != OWNER_NOBODY;
	VEC_PUSH(m->places, m->n_places, place);
}

/* The distribution's folder, then two that depmod prefers and packages do not use. */
static void add_places(const struct engine *e, const struct target *t, const struct record *active,
		       const char *folder, struct installplan_module *m)
{
	add_place(e, active, m, engine_modules(e, "%s%s/%s", t->release, folder, m->file));
	if (!m->places[0].taken)
		return;
	add_place(e, active, m, engine_modules(e, "%s/updates/dkms/%s", t->release, m->file));
	add_place(e, active, m,
		  engine_modules(e, "%s/updates/dkms/%s/%s", t->release, t->name, m->file));
}

static int read_modinfo(const struct engine *e, const char *path, char **version, char **srcversion)
{
	struct modinfo info = { 0 };
	int r = modinfo_read(&e->root, path, &info);

	if (r < 0)
		return r;
	*version = TAKE(info.version);
	*srcversion = TAKE(info.srcversion);
	modinfo_release(&info);
	return 0;
}

static void add_others(const struct engine *e, const struct record *active,
		       const struct kerneltree_files *files, struct installplan_module *m)
{
	AUTO_FREE char *file = xasprintf("%s.ko", m->dest);
	AUTO_FREE char *name = kerneltree_module_name(file);

	for (size_t i = 0; i < files->n; i++) {
		struct installplan_other other = { 0 };

		if (strcmp(files->v[i].name, name) != 0 || is_ours(active, files->v[i].path))
			continue;
		other.path = xstrdup(files->v[i].path);
		other.owned = owners_of(e, other.path, NULL) != OWNER_NOBODY;
		VEC_PUSH(m->others, m->n_others, other);
	}
}

static void compare_with_other(const struct engine *e, const char *ours,
			       struct installplan_module *m)
{
	int r;

	if (!m->n_others)
		return;
	r = read_modinfo(e, m->others[0].path, &m->other_version, &m->other_srcversion);
	if (r < 0) {
		log_warning("%s cannot be read as a module: %s. Its version counts as older than "
			    "that of %s.",
			    m->others[0].path, error_text(r), m->file);
		return;
	}
	m->same_bytes = kerneltree_same_file(&e->root, ours, m->others[0].path);
}

static int gather_module(const struct engine *e, const struct target *t,
			 const struct conf_module *cm, const struct record *active,
			 const struct kerneltree_files *files, struct installplan *plan,
			 struct err *err)
{
	AUTO_FREE char *folder = tree_built_dir(e, t);
	struct installplan_module *m, new = { .dest = xstrdup(cm->dest_name) };
	const struct record_module *old = active ? record_module_get(active, new.dest) : NULL;
	AUTO_FREE char *ours = NULL;
	int r;

	VEC_PUSH(plan->modules, plan->n, new);
	m = &plan->modules[plan->n - 1];
	m->file = kerneltree_file_for(&e->root, folder, m->dest);
	if (!m->file)
		return err_set(err, -E_NOT_BUILT, "Missing module %s in %s", m->dest, folder);
	m->installed = old && old->path;
	ours = xasprintf("%s/%s", folder, m->file);
	r = read_modinfo(e, ours, &m->version, &m->srcversion);
	if (r < 0)
		return err_set(err, -E_NOT_BUILT, "%s cannot be read as a module: %s", ours,
			       error_text(r));
	add_places(e, t, active, cm->target, m);
	add_others(e, active, files, m);
	compare_with_other(e, ours, m);
	return 0;
}

int installfacts_gather(struct engine *e, const struct target *t, const struct conf *conf,
			const struct record *active, struct installplan *ret, struct err *err)
{
	AUTO_KERNELTREE_FILES struct kerneltree_files files = { 0 };
	AUTO_INSTALLPLAN struct installplan plan = { 0 };
	AUTO_STRV struct strv names = STRV_INIT;
	int r;

	for (size_t i = 0; i < conf->n_modules; i++)
		if (!conf->modules[i].excluded)
			strv_add(&names, conf->modules[i].dest_name);
	r = kerneltree_find(e, t->release, &names, &files);
	if (r < 0)
		return err_sys(err, r, "%s/%s", e->install_tree, t->release);
	for (size_t i = 0; r == 0 && i < conf->n_modules; i++)
		if (!conf->modules[i].excluded)
			r = gather_module(e, t, &conf->modules[i], active, &files, &plan, err);
	if (r < 0)
		return r;
	*ret = plan;
	plan = (struct installplan){ 0 };
	return 0;
}
