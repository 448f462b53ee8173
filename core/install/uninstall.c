/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/uninstall.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "conf/script.h"
#include "engine/childenv.h"
#include "install/depmod.h"
#include "module/kerneltree.h"
#include "packages/owners.h"
#include "sys/fs.h"
#include "tree/ours.h"
#include "tree/tree.h"

void uninstall_drop_archive(struct change *c, const struct engine *e, const struct target *t,
			    const char *archive)
{
	AUTO_FREE char *origin = tree_origin_of(archive);
	AUTO_FREE char *folder = path_parent(archive);
	AUTO_FREE char *stop = tree_module_dir(e, t->name);

	tx_del(&c->tx, archive);
	tx_del(&c->tx, origin);
	tx_rmdir_up(&c->tx, folder, stop);
}

/*
 * Restore the original of `m`.  If `replaced` is true, our own file is at the original's path, and
 * the original takes its place.
 */
static void uninstall_restore_original(struct change *c, const struct engine *e,
				       const struct target *t, const struct record_module *m,
				       bool replaced)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", t->release);
	AUTO_FREE char *folder = path_parent(m->original);
	size_t len = strlen(tree);

	if (!fs_exists(&e->root, m->archive))
		return;
	if (strncmp(m->original, tree, len) != 0 || m->original[len] != '/') {
		log_warning("%s stays in the archive: %s is not below %s", m->archive, m->original,
			    tree);
		return;
	}
	if (fs_is_dir(&e->root, tree)) {
		if (!replaced && fs_exists(&e->root, m->original)) {
			log_note("%s is newer than the archived original and stays", m->original);
		} else {
			tx_mkdir(&c->tx, folder);
			tx_put_link(&c->tx, m->original, m->archive);
			log_note("Restoring archived original module %s", m->original);
		}
	} else if (!fs_is_dir(&e->root, e->install_tree)) {
		return; /* perhaps <install_tree> is not mounted: keep the only copy */
	}
	uninstall_drop_archive(c, e, t, m->archive);
}

/*
 * Find where the caller must stop when it removes empty folders, from `folder` upwards.  Returns
 * the folder that stays even if it is empty: the kernel's tree, or a folder directly in it that a
 * package owns, such as "updates" of Fedora's kernels.  Caller frees.
 *
 * The package database is slow, so its answer for the last folder is kept in `c`.
 */
static char *uninstall_stop_folder(struct change *c, const struct engine *e, const struct target *t,
				   const char *folder)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", t->release), *top = NULL;
	size_t len = strlen(tree);

	if (strncmp(folder, tree, len) != 0 || folder[len] != '/')
		return TAKE(tree);
	top = xstrndup(folder, len + 1 + strcspn(folder + len + 1, "/"));
	if (!c->top || strcmp(c->top, top) != 0) {
		free(c->top);
		c->top = xstrdup(top);
		c->top_stays = owners_of(e, top, NULL) != OWNER_NOBODY;
	}
	return c->top_stays ? TAKE(top) : TAKE(tree);
}

void uninstall_delete(struct change *c, const struct engine *e, const struct target *t,
		      const char *path)
{
	AUTO_FREE char *folder = path_parent(path);
	AUTO_FREE char *stop = uninstall_stop_folder(c, e, t, folder);

	tx_del(&c->tx, path);
	tx_rmdir_up(&c->tx, folder, stop);
}

/*
 * Returns 1 if the file exists, 0 if it does not, else an error.  An error must not count as 0:
 * then the version would no longer count as installed, but its file would stay.
 */
static int uninstall_lstat(const struct engine *e, const char *path, struct stat *ret,
			   struct err *err)
{
	int r = fs_lstat(&e->root, path, ret);

	if (r < 0 && r != -ENOENT)
		return err_sys(err, r, "%s", path);
	return r == 0;
}

/* Is our file still where it was installed?  Returns 1, 0 or an error. */
static int uninstall_check_ours(const struct engine *e, const struct target *t,
				const struct record_module *m, struct err *err)
{
	struct stat st;
	int r = uninstall_lstat(e, m->path, &st, err);

	if (r == 0)
		log_note("%s was not found", m->path);
	if (r <= 0)
		return r;
	r = ours_stands(e, t, m, &st);
	if (r < 0)
		return err_sys(err, r, "%s", m->path);
	if (r == 0)
		log_warning("%s is not what was installed and stays", m->path);
	return r;
}

int uninstall_module(struct change *c, struct engine *e, const struct target *t,
		     const struct record_module *m, struct err *err)
{
	bool restored = m->original && m->archive, same_place;
	struct stat st;
	int ours, archived;

	if (!m->path)
		return 0;
	ours = uninstall_check_ours(e, t, m, err);
	archived = restored ? uninstall_lstat(e, m->archive, &st, err) : 0;
	if (ours < 0 || archived < 0)
		return ours < 0 ? ours : archived;
	depmod_drop_override(e, &c->tx, t->release, m->dest);
	same_place = restored && !strcmp(m->original, m->path);
	if (ours && !(same_place && archived)) {
		uninstall_delete(c, e, t, m->path);
		log_info("Deleting %s", m->path);
	}
	if (restored) {
		uninstall_restore_original(c, e, t, m, same_place && ours);
		kerneltree_note(e, t->release, m->original);
	}
	change_add_name(c, m->dest);
	return 0;
}

static void uninstall_post_remove(const struct engine *e, const struct target *t, const char *words)
{
	AUTO_FREE char *source = tree_source_link(e, t->name, t->version);
	AUTO_STRV struct strv env = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	/* The script is usually in the source; without the source, none is run. */
	if (!words || !fs_is_dir(&e->root, source))
		return;
	childenv_script(e, t, &env);
	if (script_run(e, t, SCRIPT_POST_REMOVE, words, &env, NULL, NULL, &err) < 0)
		log_warning("%s", err.text);
}

static int uninstall_put(struct change *c, struct engine *e, const struct target *t,
			 const struct record *record, struct err *err)
{
	AUTO_FREE char *place = tree_build_dir(e, t), *link = tree_active_link(e, t);
	AUTO_FREE char *tree = engine_modules(e, "%s", t->release);
	AUTO_FREE char *active = tree_active_version(e, t);
	AUTO_RECORD struct record after = { .depends = STRV_INIT };

	for (size_t i = 0; i < record->n_modules; i++) {
		int r = uninstall_module(c, e, t, &record->modules[i], err);

		if (r < 0)
			return r;
	}
	if (active && !strcmp(active, t->version))
		tx_del(&c->tx, link);
	record_copy(&after, record);
	record_forget_installed(&after, NULL);
	if (fs_is_dir(&e->root, place))
		change_put_record(c, e, t, &after);
	if (fs_is_dir(&e->root, tree))
		change_mark_depmod(c, e, t->release);
	return 0;
}

int uninstall_run(struct engine *e, const struct target *t, const struct record *record,
		  bool initramfs, struct change *ret, struct err *err)
{
	struct change c = CHANGE_INIT;
	int r;

	change_begin(&c, e, t, "uninstall");
	c.initramfs = initramfs;
	r = uninstall_put(&c, e, t, record, err);
	if (r == 0)
		r = change_commit(&c, err);
	if (r < 0) {
		change_release(&c);
		return r;
	}
	uninstall_post_remove(e, t, record->post_remove);
	*ret = c;
	return 0;
}
