/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/adopt.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "engine/digest.h"
#include "engine/distro.h"
#include "install/change.h"
#include "module/kerneltree.h"
#include "module/modinfo.h"
#include "packages/owners.h"
#include "sys/fs.h"
#include "tree/tree.h"

/* "foo" of "foo.ko.xz"; NULL: not a module.  Caller frees. */
static char *adopt_dest_of(const char *file)
{
	const char *ko = strstr(file, ".ko");

	/* Take the last ".ko": the name itself may contain ".ko", too. */
	for (const char *p = ko; p; p = strstr(p + 1, ".ko"))
		ko = p;
	return ko ? xstrndup(file, (size_t)(ko - file)) : NULL;
}

static int adopt_add_built(struct engine *e, const char *folder, struct record *record)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *file;
	int r = fs_list(&e->root, folder, &names);

	STRV_FOREACH (file, &names) {
		AUTO_FREE char *module = kerneltree_module_name(file);
		AUTO_FREE char *dest = module ? adopt_dest_of(file) : NULL;

		if (dest)
			record_add_module(record, dest, file);
	}
	return r;
}

/*
 * Add a module that should be in the build, if the record does not have it.  If the module's file
 * was lost, only this entry tells later runs that it is missing.
 */
static void adopt_add_lost(const char *dest, struct record *record)
{
	AUTO_FREE char *file = xasprintf("%s.ko", dest);

	if (!record_module_get(record, dest))
		record_add_module(record, dest, file);
}

static bool adopt_same_modinfo(const struct engine *e, const char *path, const char *built)
{
	AUTO_MODINFO struct modinfo ours = { 0 }, theirs = { 0 };

	return modinfo_read(&e->root, path, &theirs) == 0 &&
	       modinfo_read(&e->root, built, &ours) == 0 && !strcmp(ours.version, theirs.version) &&
	       !strcmp(ours.srcversion, theirs.srcversion) && (*ours.version || *ours.srcversion);
}

static const char *adopt_dest_location(const struct conf *conf, const char *dest)
{
	for (size_t i = 0; conf && i < conf->n_modules; i++)
		if (!strcmp(conf->modules[i].dest_name, dest))
			return conf->modules[i].dest_location;
	return NULL;
}

/*
 * Is the file at `path` in a folder where DKMS would look for an installed module?  `location`: the
 * module's DEST_MODULE_LOCATION, or NULL.
 */
static bool adopt_is_place(const struct engine *e, const struct target *t, const char *path,
			   const char *location)
{
	AUTO_FREE char *target = engine_target_dir(e);
	AUTO_FREE char *normal = location ? conf_normal_location(location) : NULL;
	AUTO_FREE char *folder = path_parent(path);
	const char *const places[] = { target, "/extra", "/updates", "/updates/dkms",
				       target ? NULL : normal };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		AUTO_FREE char *place =
			places[i] ? engine_modules(e, "%s%s", t->release, places[i]) : NULL;

		if (place && !strcmp(place, folder))
			return true;
	}
	return false;
}

/*
 * Does the file at `path` belong to another module package, i.e. to one whose installed version has
 * a module with the same bytes in its build?
 */
static bool adopt_is_of_other_package(const struct engine *e, const struct target *t,
				      const char *path, const char *dest)
{
	AUTO_TREE struct tree tree = TREE_INIT;

	if (tree_list(e, NULL, NULL, &tree) < 0)
		return false;
	for (size_t i = 0; i < tree.n_modules; i++) {
		const char *name = tree.modules[i].name;
		const struct tree_active *a = tree_active(&tree, name, t->release, t->arch);
		struct target other = { name, a ? a->version : NULL, t->release, t->arch };
		AUTO_FREE char *folder = other.version ? tree_built_dir(e, &other) : NULL;
		AUTO_FREE char *file = folder ? kerneltree_file_for(&e->root, folder, dest) : NULL;
		AUTO_FREE char *built = file ? xasprintf("%s/%s", folder, file) : NULL;

		if (built && strcmp(name, t->name) != 0 && fs_same_bytes(&e->root, path, built))
			return true;
	}
	return false;
}

static const char *adopt_find_installed(const struct engine *e, const struct target *t,
					const struct kerneltree_files *files, const char *dest,
					const char *name, const char *built)
{
	const char *similar = NULL;

	for (size_t i = 0; i < files->n; i++) {
		const char *path = files->v[i].path;

		if (strcmp(files->v[i].name, name) != 0 || owners_of(e, path, NULL) != OWNER_NOBODY)
			continue;
		if (fs_same_bytes(&e->root, path, built))
			return path;
		if (!similar && adopt_same_modinfo(e, path, built) &&
		    !adopt_is_of_other_package(e, t, path, dest))
			similar = path;
	}
	return similar;
}

/*
 * Find the installed file of a lost module.  There is no built file to compare with, so a file
 * counts as ours by its name and folder, if no package owns it.
 */
static const char *adopt_find_lost(const struct engine *e, const struct target *t,
				   const struct conf *conf, const struct kerneltree_files *files,
				   const struct record_module *m)
{
	AUTO_FREE char *name = kerneltree_module_name(m->file);

	for (size_t i = 0; i < files->n; i++) {
		const char *path = files->v[i].path;

		if (!strcmp(files->v[i].name, name) &&
		    adopt_is_place(e, t, path, adopt_dest_location(conf, m->dest)) &&
		    owners_of(e, path, NULL) == OWNER_NOBODY)
			return path;
	}
	return NULL;
}

/*
 * Note in `m` what the installed file is.  DKMS installs a copy without the times of the built
 * file.  If both mtimes are in the record, status need not compare the bytes.
 */
static int adopt_note_installed(const struct engine *e, const char *path, const char *built,
				struct record_module *m)
{
	char hex[DIGEST_HEX], built_hex[DIGEST_HEX];
	struct stat st, built_st;
	int r = fs_stat(&e->root, path, &st);

	if (r == 0)
		r = digest_file(&e->root, path, hex);
	if (r < 0)
		return r;
	m->path = xstrdup(path);
	m->size = (uint64_t)st.st_size;
	m->mtime_ns = fs_mtime_ns(&st);
	m->sha256 = xstrdup(hex);
	if (fs_stat(&e->root, built, &built_st) == 0 && built_st.st_size == st.st_size &&
	    digest_file(&e->root, built, built_hex) == 0 && !strcmp(hex, built_hex))
		m->built_mtime_ns = fs_mtime_ns(&built_st);
	return 0;
}

/* The path that an archived file came from; NULL: not known.  Caller frees. */
static char *adopt_origin_of(const struct engine *e, const struct target *t,
			     const struct conf *conf, const char *archive, const char *dest)
{
	AUTO_FREE char *normal = NULL;
	const char *location;
	char *origin;

	if (tree_origin_read(e, t, archive, &origin) == 0)
		return origin;
	location = adopt_dest_location(conf, dest);
	normal = location ? conf_normal_location(location) : NULL;
	return normal ? engine_modules(e, "%s%s%s", t->release, normal, strrchr(archive, '/'))
		      : NULL;
}

static void adopt_find_original(const struct engine *e, const struct target *t,
				const struct conf *conf, struct record_module *m)
{
	AUTO_FREE char *folder = tree_original_dir(e, t);
	AUTO_FREE char *file = kerneltree_file_for(&e->root, folder, m->dest);
	AUTO_FREE char *archive = NULL;

	if (!file)
		return;
	archive = xasprintf("%s/%s", folder, file);
	m->original = adopt_origin_of(e, t, conf, archive, m->dest);
	if (m->original)
		m->archive = TAKE(archive);
}

static int adopt_match_installed(struct engine *e, const struct target *t, const struct conf *conf,
				 const char *folder, struct record *record)
{
	AUTO_KERNELTREE_FILES struct kerneltree_files files = { 0 };
	AUTO_STRV struct strv names = STRV_INIT;
	int r;

	for (size_t i = 0; i < record->n_modules; i++)
		strv_add(&names, record->modules[i].dest);
	r = kerneltree_find(e, t->release, &names, &files);
	for (size_t i = 0; r == 0 && i < record->n_modules; i++) {
		struct record_module *m = &record->modules[i];
		AUTO_FREE char *built = xasprintf("%s/%s", folder, m->file);
		AUTO_FREE char *name = kerneltree_module_name(m->file);
		const char *path =
			fs_exists(&e->root, built)
				? adopt_find_installed(e, t, &files, m->dest, name, built)
				: adopt_find_lost(e, t, conf, &files, m);

		if (path)
			r = adopt_note_installed(e, path, built, m);
		adopt_find_original(e, t, conf, m);
	}
	return r;
}

static int adopt_make_record(struct engine *e, const struct target *t, const struct conf *conf,
			     const struct record *facts, struct record *ret, struct err *err)
{
	AUTO_FREE char *folder = tree_built_dir(e, t);
	AUTO_FREE char *active = tree_active_version(e, t);
	AUTO_RECORD struct record record = { .adopted = true, .depends = STRV_INIT };
	int r = adopt_add_built(e, folder, &record);

	if (r == -ENOENT || r == -ENOTDIR)
		return err_set(err, -E_NOT_BUILT, "%s/%s is not built for kernel %s (%s)", t->name,
			       t->version, t->release, t->arch);
	for (size_t i = 0; facts && i < facts->n_modules; i++)
		adopt_add_lost(facts->modules[i].dest, &record);
	for (size_t i = 0; conf && i < conf->n_modules; i++) {
		if (!conf->modules[i].excluded && conf->modules[i].dest_name)
			adopt_add_lost(conf->modules[i].dest_name, &record);
	}
	if (r == 0 && active && !strcmp(active, t->version))
		r = adopt_match_installed(e, t, conf, folder, &record);
	if (r < 0)
		return err_sys(err, r, "%s", folder);
	if (conf) {
		record.post_remove = xstrdup(conf->scripts[SCRIPT_POST_REMOVE]);
		record.remake_initrd = conf->remake_initrd;
		record.no_weak_modules = conf->no_weak_modules;
	}
	*ret = record;
	record = (struct record){ .depends = STRV_INIT };
	return 0;
}

int record_adopt(struct engine *e, const struct target *t, const struct conf *conf,
		 struct record *ret, struct err *err)
{
	return adopt_make_record(e, t, conf, NULL, ret, err);
}

int record_load(struct engine *e, const struct target *t, const struct conf *conf,
		struct record *ret, struct err *err)
{
	AUTO_ERR struct err local = ERR_INIT;
	int r = tree_record_read(e, t, ret, &local);

	if (r == 0)
		return 0;
	/* -ENOENT, -ENOTDIR: no record.  If there is no build either, record_adopt() fails. */
	if (r != -ENOENT && r != -ENOTDIR)
		log_warning("The record of %s/%s for %s cannot be used (%s); it is made anew.",
			    t->name, t->version, t->release, local.text);
	return record_adopt(e, t, conf, ret, err);
}

/*
 * DKMS has archived a file that a package owns: put the file back at its path.  If our module is at
 * that path, move our module to updates/dkms.  If any other file is there, leave that file, and
 * only delete the archived one.
 */
static void adopt_give_back(struct change *c, struct engine *e, const struct target *t,
			    struct record_module *m)
{
	AUTO_FREE char *built = tree_built_dir(e, t);
	AUTO_FREE char *from = xasprintf("%s/%s", built, m->file);
	AUTO_FREE char *folder = engine_modules(e, "%s/updates/dkms", t->release);
	AUTO_FREE char *origin = tree_origin_of(m->archive);
	AUTO_FREE char *home = path_parent(m->original);
	AUTO_FREE char *archive_folder = tree_original_dir(e, t);
	AUTO_FREE char *stop = tree_module_dir(e, t->name);

	if (m->path && !strcmp(m->path, m->original)) {
		free(m->path);
		m->path = xasprintf("%s/%s", folder, m->file);
		tx_mkdir(&c->tx, folder);
		tx_put_copy(&c->tx, m->path, from, 0644);
		tx_put_link(&c->tx, m->original, m->archive);
	} else if (!fs_exists(&e->root, m->original)) {
		tx_mkdir(&c->tx, home);
		tx_put_link(&c->tx, m->original, m->archive);
	}
	tx_del(&c->tx, m->archive);
	tx_del(&c->tx, origin);
	tx_rmdir_up(&c->tx, archive_folder, stop);
	free(TAKE(m->archive));
	change_add_name(c, m->dest);
	if (m->path)
		strv_add(&c->paths, m->path);
	log_note("%s goes back where its package wants it", m->original);
}

static bool adopt_is_built(const struct engine *e, const struct target *t,
			   const struct record_module *m)
{
	AUTO_FREE char *folder = tree_built_dir(e, t);
	AUTO_FREE char *built = xasprintf("%s/%s", folder, m->file);

	return fs_is_file(&e->root, built);
}

/* Copy `facts` to `record`, except the modules, POST_REMOVE and REMAKE_INITRD. */
static void adopt_take_facts(struct record *record, const struct record *facts)
{
	struct record_module *found = record->modules;
	size_t n_found = record->n_modules;
	struct record all;

	if (!facts)
		return;
	record_copy(&all, facts);
	free(all.post_remove);
	all.post_remove = TAKE(record->post_remove);
	all.remake_initrd = record->remake_initrd;
	all.adopted = true;
	record->modules = all.modules;
	record->n_modules = all.n_modules;
	all.modules = found;
	all.n_modules = n_found;
	record_release(record);
	*record = all;
}

int adopt_run(struct engine *e, const struct target *t, const struct conf *conf,
	      const struct record *facts, struct change *ret, struct err *err)
{
	AUTO_RECORD struct record record = { .depends = STRV_INIT };
	struct change c = CHANGE_INIT;
	int r = adopt_make_record(e, t, conf, facts, &record, err);

	if (r < 0)
		return r;
	adopt_take_facts(&record, facts);
	change_begin(&c, e, t, "adopt");
	for (size_t i = 0; i < record.n_modules; i++) {
		struct record_module *m = &record.modules[i];

		if (m->archive && adopt_is_built(e, t, m) &&
		    owners_of(e, m->original, NULL) == OWNER_PACKAGE)
			adopt_give_back(&c, e, t, m);
	}
	change_put_record(&c, e, t, &record);
	if (c.names.n)
		change_mark_depmod(&c, e, t->release);
	r = change_commit(&c, err);
	if (r < 0) {
		change_release(&c);
		return r;
	}
	*ret = c;
	return 0;
}
