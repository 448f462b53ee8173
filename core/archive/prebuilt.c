/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/prebuilt.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "install/adopt.h"
#include "module/kerneltree.h"
#include "module/modinfo.h"
#include "sys/atomic.h"
#include "sys/fs.h"
#include "tree/aside.h"
#include "tree/tree.h"

void prebuilts_release(struct prebuilts *p)
{
	for (size_t i = 0; i < p->n; i++) {
		lock_release(&p->v[i].lock);
		free(p->v[i].from);
		free(p->v[i].place);
		free(p->v[i].folder);
	}
	free(p->v);
	*p = (struct prebuilts){ NULL, 0 };
}

/* ---- what a build may hold ---- */

struct prebuilt_check {
	const struct engine *e;
	const struct target *t;
	const char *from;
	struct err *err;
};

static int prebuilt_check_module(const struct prebuilt_check *c, const char *rel, const char *path)
{
	AUTO_MODINFO struct modinfo info = { 0 };
	AUTO_FREE char *release = NULL;
	int r = modinfo_read(&c->e->root, path, &info);

	if (r < 0)
		return err_set(c->err, -E_ARCHIVE_BAD,
			       "The archive's %s for %s (%s) is no module that can be read: %s.",
			       rel, c->t->release, c->t->arch, error_text(r));
	release = modinfo_release_word(&info);
	if (*release && strcmp(release, c->t->release) != 0)
		log_warning("%s is in the archive for kernel %s, but was built for %s", rel,
			    c->t->release, release);
	return 0;
}

static int prebuilt_walk_entry(const char *rel, const struct stat *st, void *data)
{
	const struct prebuilt_check *c = data;
	AUTO_FREE char *path = xasprintf("%s/%s", c->from, rel);

	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return err_set(c->err, -E_ARCHIVE_BAD,
			       "The archive's build for %s (%s) has a link: %s", c->t->release,
			       c->t->arch, rel);
	if (S_ISREG(st->st_mode) && strncmp(rel, "module/", 7) == 0 && kerneltree_suffix(rel))
		return prebuilt_check_module(c, rel, path);
	return 0;
}

static bool prebuilt_is_kept(const char *name)
{
	return strcmp(name, "module") == 0 || strcmp(name, "log") == 0 ||
	       strncmp(name, ".dep_", 5) == 0;
}

/*
 * Remove what is no part of a build.  Also remove the record, because it describes the machine
 * where the archive was made.
 */
static int prebuilt_drop_others(const struct engine *e, const char *from)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int r = fs_list(&e->root, from, &names);

	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = xasprintf("%s/%s", from, name);

		if (r == 0 && !prebuilt_is_kept(name))
			r = fs_remove_tree(&e->root, path);
	}
	return r;
}

static int prebuilt_check_build(const struct engine *e, const struct target *t, const char *from,
				struct err *err)
{
	struct prebuilt_check c = { e, t, from, err };
	AUTO_FREE char *module = tree_built_in(from);
	int r = prebuilt_drop_others(e, from);

	if (r < 0)
		return err_sys(err, r, "%s", from);
	r = fs_walk(&e->root, from, prebuilt_walk_entry, &c);
	if (r < 0)
		return err && err->code ? r : err_sys(err, r, "%s", from);
	if (!fs_is_dir(&e->root, module))
		return err_set(err, -E_ARCHIVE_BAD,
			       "The archive's build for %s (%s) has no modules.", t->release,
			       t->arch);
	return 0;
}

/* ---- a build that is replaced ---- */

/*
 * Turn `rec`, the old build's record, into a record of the new build.  What it says of installed
 * files stays; the built files become those of the new build.
 */
static int prebuilt_renew_record(const struct engine *e, const char *from, struct record *rec)
{
	AUTO_FREE char *module = tree_built_in(from);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int r = fs_list(&e->root, module, &names);

	rec->adopted = true;
	free(TAKE(rec->signer));
	free(TAKE(rec->compiler));
	for (size_t i = 0; i < rec->n_modules; i++)
		rec->modules[i].left = true;
	STRV_FOREACH (name, &names) {
		const char *suffix = kerneltree_suffix(name);
		AUTO_FREE char *dest =
			suffix ? xstrndup(name, strlen(name) - strlen(suffix)) : NULL;
		struct record_module *m = dest ? record_find_module(rec, dest) : NULL;

		if (m) {
			free(m->file);
			m->file = xstrdup(name);
			m->left = false;
			m->built_mtime_ns = 0;
		} else if (dest) {
			record_add_module(rec, dest, name);
		}
	}
	record_drop_left(rec);
	return r;
}

/*
 * Write a record into the archive's build.  The record keeps what the record of the build in the
 * tree says about installed files.
 */
static int prebuilt_keep_record(struct engine *e, const struct target *t, const struct conf *conf,
				const char *from, struct err *err)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	AUTO_FREE char *path = tree_record_in(from);
	AUTO_ERR struct err local = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	int r = record_load(e, t, conf, &rec, &local);

	/* The folder in the tree is no build, so nothing is installed from it. */
	if (r == -E_NOT_BUILT)
		return 0;
	if (r < 0 && err)
		err_move(err, &local);
	if (r < 0)
		return r;
	r = prebuilt_renew_record(e, from, &rec);
	record_print(&rec, &b);
	if (r == 0)
		r = atomic_write_file(&e->root, path, b.s, b.len, 0644);
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

/* ---- all of them ---- */

/* Append the names of the folders in the folder `path`. */
static int prebuilt_list_folders(const struct engine *e, const char *path, struct strv *ret,
				 struct err *err)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int r = fs_list(&e->root, path, &names);

	STRV_FOREACH (name, &names) {
		AUTO_FREE char *folder = xasprintf("%s/%s", path, name);
		struct stat st;

		if (fs_lstat(&e->root, folder, &st) == 0 && S_ISDIR(st.st_mode))
			strv_add(ret, name);
	}
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

/* Take the target's lock, as builds and installs do, and run aside_check(). */
static int prebuilt_take_lock(const struct engine *e, const struct target *t, struct lock *ret,
			      struct err *err)
{
	AUTO_FREE char *path = tree_target_lock(e, t->name, t->release, t->arch);
	AUTO_FREE char *what = xasprintf("loading %s/%s for %s", t->name, t->version, t->release);
	int r = lock_take(ret, &e->root, path, what, LOCK_WAIT, NULL, NULL, NULL);

	if (r == -EDEADLK)
		return err_set(err, -E_BUSY_ANCESTOR,
			       "%s/%s for %s is the target of the run that started this command",
			       t->name, t->version, t->release);
	if (r < 0)
		return lock_failed(err, r, path);
	r = aside_check(e, t->name, t->release, err);
	if (r < 0)
		lock_release(ret);
	return r;
}

static int prebuilts_add(struct engine *e, const struct target *t, const char *from,
			 const struct conf *conf, bool force, struct prebuilts *ret,
			 struct err *err)
{
	AUTO_FREE char *place = tree_build_dir(e, t);
	struct prebuilt p = { .lock = LOCK_INIT };
	int r = prebuilt_check_build(e, t, from, err);

	if (r == 0)
		r = prebuilt_take_lock(e, t, &p.lock, err);
	if (r < 0)
		return r;
	p.replace = fs_is_dir(&e->root, place);
	if (p.replace && !force) {
		log_warning("%s already exists. Skipping...", place);
		lock_release(&p.lock);
		return 0;
	}
	log_note("Loading %s...", place);
	p.from = xstrdup(from);
	p.folder = tree_kernel_dir(e, t);
	p.place = TAKE(place);
	VEC_PUSH(ret->v, ret->n, p);
	return p.replace ? prebuilt_keep_record(e, t, conf, from, err) : 0;
}

static int prebuilts_find_archs(struct engine *e, struct target *t, const char *folder,
				const struct conf *conf, bool force, struct prebuilts *ret,
				struct err *err)
{
	AUTO_STRV struct strv archs = STRV_INIT;
	int r = prebuilt_list_folders(e, folder, &archs, err);

	for (size_t i = 0; r == 0 && i < archs.n; i++) {
		AUTO_FREE char *from = xasprintf("%s/%s", folder, archs.v[i]);
		const char *problem = modid_kernel_problem(t->release);

		if (!problem)
			problem = modid_kernel_problem(archs.v[i]);
		if (problem)
			return err_set(err, -E_ARCHIVE_BAD,
				       "The archive names a kernel %s (%s): %s", t->release,
				       archs.v[i], problem);
		t->arch = archs.v[i];
		r = prebuilts_add(e, t, from, conf, force, ret, err);
	}
	return r;
}

int prebuilts_find(struct engine *e, const char *dir, const struct modid *id,
		   const struct conf *conf, bool force, struct prebuilts *ret, struct err *err)
{
	AUTO_FREE char *main_tree = xasprintf("%s/dkms_main_tree", dir);
	AUTO_STRV struct strv releases = STRV_INIT;
	int r = prebuilt_list_folders(e, main_tree, &releases, err);

	for (size_t i = 0; r == 0 && i < releases.n; i++) {
		AUTO_FREE char *folder = xasprintf("%s/%s", main_tree, releases.v[i]);
		struct target t = { id->name, id->version, releases.v[i], NULL };

		r = prebuilts_find_archs(e, &t, folder, conf, force, ret, err);
	}
	return r;
}

void prebuilts_declare(const struct prebuilts *p, struct tx *tx)
{
	for (size_t i = 0; i < p->n; i++) {
		tx_mkdir(tx, p->v[i].folder);
		if (p->v[i].replace)
			tx_del_tree(tx, p->v[i].place);
		tx_put_tree(tx, p->v[i].place, p->v[i].from);
	}
}
