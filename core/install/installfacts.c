/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/installfacts.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "install/depmod.h"
#include "module/kerneltree.h"
#include "module/modinfo.h"
#include "packages/owners.h"
#include "sys/fs.h"
#include "tree/ours.h"
#include "tree/tree.h"

struct gathering {
	struct engine *e;
	const struct target *t;
	const struct target *active; /* the version that is installed now; NULL: none */
	const struct record *record; /* of active; NULL: none */
	const struct kerneltree_files *files;
	struct ours ours; /* of all module packages, if listed */
	bool listed;
};

/* The active version's module that was installed at `path`, whatever file is there now. */
static const struct record_module *installfacts_module_at(const struct gathering *g,
							  const char *path)
{
	for (size_t i = 0; g->record && i < g->record->n_modules; i++)
		if (g->record->modules[i].path && !strcmp(g->record->modules[i].path, path))
			return &g->record->modules[i];
	return NULL;
}

/* Is the file at `path` still the active version's module? */
static bool installfacts_is_own(const struct gathering *g, const char *path)
{
	const struct record_module *m = installfacts_module_at(g, path);
	struct stat st;

	return m && fs_lstat(&g->e->root, path, &st) == 0 &&
	       ours_stands(g->e, g->active, m, &st) == 1;
}

/* Has any module package of ours installed the file at `path`? */
static bool installfacts_is_ours(struct gathering *g, const char *path)
{
	if (!g->listed)
		ours_list(g->e, g->t->release, &g->ours);
	g->listed = true;
	return ours_at(g->e, &g->ours, g->t->release, path) != NULL;
}

static bool installfacts_is_taken(struct gathering *g, const char *path)
{
	return fs_exists(&g->e->root, path) && !installfacts_is_own(g, path) &&
	       owners_of(g->e, path, NULL) != OWNER_NOBODY;
}

/*
 * Is there a package's file of the same module beside `path`, such as foo.ko.zst beside foo.ko.xz?
 * No rule says which of the two depmod prefers.
 */
static bool installfacts_is_beside(struct gathering *g, const char *path)
{
	AUTO_FREE char *folder = path_parent(path);
	AUTO_FREE char *name = kerneltree_module_name(strrchr(path, '/') + 1);

	for (size_t i = 0; i < g->files->n; i++) {
		const char *other = g->files->v[i].path;
		AUTO_FREE char *at = path_parent(other);

		if (strcmp(g->files->v[i].name, name) == 0 && strcmp(at, folder) == 0 &&
		    installfacts_is_taken(g, other))
			return true;
	}
	return false;
}

/* Takes ownership of `path`. */
static void installfacts_add_place(struct gathering *g, struct installplan_module *m, char *path)
{
	struct installplan_place place = { .path = path };

	place.taken = installfacts_is_taken(g, path) || installfacts_is_beside(g, path);
	VEC_PUSH(m->places, m->n_places, place);
}

/*
 * Add the module's place in `folder`.  If that place is taken, add two places below updates/dkms,
 * which depmod prefers and packages do not use.
 */
static void installfacts_add_places(struct gathering *g, const char *folder,
				    struct installplan_module *m)
{
	const char *release = g->t->release;

	installfacts_add_place(g, m, engine_modules(g->e, "%s%s/%s", release, folder, m->file));
	if (!m->places[0].taken)
		return;
	installfacts_add_place(g, m, engine_modules(g->e, "%s/updates/dkms/%s", release, m->file));
	installfacts_add_place(
		g, m, engine_modules(g->e, "%s/updates/dkms/%s/%s", release, g->t->name, m->file));
}

static int installfacts_read_modinfo(const struct engine *e, const char *path, char **version,
				     char **srcversion)
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

/*
 * The active version has installed a module at `path`, and now the file there has other bytes.  Is
 * the file that module, but damaged?  True if the file cannot be read as a module.  Also true if it
 * has the version and srcversion of the new build, and the size that the record says.  If modules
 * have no versions, the size alone tells.
 */
static bool installfacts_is_damaged(const struct gathering *g, const char *path,
				    const struct installplan_module *m)
{
	const struct record_module *put = installfacts_module_at(g, path);
	AUTO_MODINFO struct modinfo info = { 0 };
	struct stat st;

	if (modinfo_read(&g->e->root, path, &info) < 0)
		return true;
	return !strcmp(info.version, m->version) && !strcmp(info.srcversion, m->srcversion) &&
	       fs_stat(&g->e->root, path, &st) == 0 && (uint64_t)st.st_size == put->size;
}

/*
 * Did this version install the file, although no record says so?  Yes if this version is installed,
 * the file has the bytes of the build, and no package owns the file.
 */
static bool installfacts_is_unrecorded(const struct gathering *g, const char *path,
				       const char *ours)
{
	return g->active && !strcmp(g->active->version, g->t->version) &&
	       owners_of(g->e, path, NULL) == OWNER_NOBODY &&
	       fs_same_bytes(&g->e->root, ours, path);
}

static void installfacts_add_others(struct gathering *g, const char *ours,
				    struct installplan_module *m)
{
	AUTO_FREE char *file = xasprintf("%s.ko", m->dest);
	AUTO_FREE char *name = kerneltree_module_name(file);

	for (size_t i = 0; i < g->files->n; i++) {
		const char *path = g->files->v[i].path;
		struct installplan_other other = { 0 };

		if (strcmp(g->files->v[i].name, name) != 0 || installfacts_is_own(g, path) ||
		    installfacts_is_unrecorded(g, path, ours))
			continue;
		other.path = xstrdup(path);
		other.owned = owners_of(g->e, path, NULL) != OWNER_NOBODY;
		other.ours = installfacts_is_ours(g, path);
		other.in_place = installfacts_module_at(g, path);
		other.damaged = other.in_place && installfacts_is_damaged(g, path, m);
		VEC_PUSH(m->others, m->n_others, other);
	}
}

static void installfacts_compare(const struct engine *e, const char *ours,
				 struct installplan_module *m)
{
	int r;

	if (!m->n_others)
		return;
	r = installfacts_read_modinfo(e, m->others[0].path, &m->other_version,
				      &m->other_srcversion);
	if (r < 0) {
		log_warning("%s cannot be read as a module: %s. Its version counts as older than "
			    "that of %s.",
			    m->others[0].path, error_text(r), m->file);
		return;
	}
	m->same_bytes = fs_same_bytes(&e->root, ours, m->others[0].path);
}

/*
 * Where this version has installed the module, if the file there is as `ours`, and the loader takes
 * it; else NULL.  A symlink (symlink_modules) does not count.  Caller frees.
 */
static char *installfacts_same_at(const struct gathering *g, const struct record_module *old,
				  const char *ours)
{
	struct stat st;

	if (!g->active || strcmp(g->active->version, g->t->version) != 0 || !old || !old->path ||
	    old->left || fs_lstat(&g->e->root, old->path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !fs_same_bytes(&g->e->root, ours, old->path) ||
	    !depmod_finds(g->e, g->t->release, old->path))
		return NULL;
	return xstrdup(old->path);
}

static int installfacts_gather_module(struct gathering *g, const struct conf_module *cm,
				      struct installplan *plan, struct err *err)
{
	AUTO_FREE char *folder = tree_built_dir(g->e, g->t);
	struct installplan_module *m, new = { .dest = xstrdup(cm->dest_name) };
	const struct record_module *old = g->record ? record_module_get(g->record, new.dest) : NULL;
	AUTO_FREE char *ours = NULL;
	int r;

	VEC_PUSH(plan->modules, plan->n, new);
	m = &plan->modules[plan->n - 1];
	m->file = kerneltree_file_for(&g->e->root, folder, m->dest);
	if (!m->file)
		return err_set(err, -E_NOT_BUILT, "Missing module %s in %s", m->dest, folder);
	m->installed = old && old->path;
	ours = xasprintf("%s/%s", folder, m->file);
	r = installfacts_read_modinfo(g->e, ours, &m->version, &m->srcversion);
	if (r < 0)
		return err_set(err, -E_NOT_BUILT, "%s cannot be read as a module: %s", ours,
			       error_text(r));
	installfacts_add_places(g, cm->target, m);
	installfacts_add_others(g, ours, m);
	installfacts_compare(g->e, ours, m);
	m->same_at = installfacts_same_at(g, old, ours);
	return 0;
}

int installfacts_gather(struct engine *e, const struct target *t, const struct conf *conf,
			const struct target *active, const struct record *record,
			struct installplan *ret, struct err *err)
{
	AUTO_KERNELTREE_FILES struct kerneltree_files files = { 0 };
	struct gathering g = { e, t, active, record, &files, { NULL, 0 }, false };
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
			r = installfacts_gather_module(&g, &conf->modules[i], &plan, err);
	ours_release(&g.ours);
	if (r < 0)
		return r;
	*ret = plan;
	plan = (struct installplan){ 0 };
	return 0;
}
