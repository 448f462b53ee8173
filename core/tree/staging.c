/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/staging.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/treepath.h"
#include "sys/fs.h"

static void staging_remove(const struct engine *e, const char *path)
{
	int r = fs_remove_tree(&e->root, path);

	if (r < 0)
		log_warning("%s stays: %s", path, error_text(r));
}

/*
 * Remove the folder if its run is dead.  The lock of that run is taken first, because a new run
 * with the same id may use the folder.
 */
static void staging_remove_if_dead(const struct engine *e, const char *run, const char *path)
{
	AUTO_FREE char *lock_path = tree_staging_lock(e, run);
	struct lock lock = LOCK_INIT;
	struct stat st;
	int r = fs_lstat(&e->root, lock_path, &st);

	if (r == 0)
		r = lock_take(&lock, &e->root, lock_path, "cleaning", LOCK_TRY, NULL, NULL, NULL);
	if (r == 0 || r == -ENOENT)
		staging_remove(e, path);
	lock_release(&lock);
}

/*
 * List all staging folders and their runs, the folders in <source_tree> first.  They are removed in
 * this order, because the folder in the dkms tree has the lock for both folders of a run.
 */
static void staging_list(const struct engine *e, struct strv *ret_paths, struct strv *ret_runs)
{
	AUTO_FREE char *dir = tree_staging_dir(e);
	AUTO_STRV struct strv runs = STRV_INIT, sources = STRV_INIT;
	const char *name;

	if (fs_list(&e->root, e->source_tree, &sources) < 0)
		log_debug("%s cannot be listed", e->source_tree);
	STRV_FOREACH (name, &sources) {
		if (!tree_import_run(name))
			continue;
		strv_addf(ret_paths, "%s/%s", e->source_tree, name);
		strv_add(ret_runs, tree_import_run(name));
	}
	if (fs_list(&e->root, dir, &runs) < 0)
		return;
	STRV_FOREACH (name, &runs) {
		strv_addf(ret_paths, "%s/%s", dir, name);
		strv_add(ret_runs, name);
	}
}

void staging_stale(const struct engine *e, struct strv *ret)
{
	AUTO_STRV struct strv paths = STRV_INIT, runs = STRV_INIT;

	staging_list(e, &paths, &runs);
	for (size_t i = 0; i < paths.n; i++) {
		AUTO_FREE char *lock = tree_staging_lock(e, runs.v[i]);

		if (!lock_holder_lives(&e->root, lock))
			strv_add(ret, paths.v[i]);
	}
}

void staging_recover(const struct engine *e)
{
	AUTO_FREE char *dir = tree_staging_dir(e);
	AUTO_STRV struct strv paths = STRV_INIT, runs = STRV_INIT;

	staging_list(e, &paths, &runs);
	for (size_t i = 0; i < paths.n; i++)
		staging_remove_if_dead(e, runs.v[i], paths.v[i]);
	if (fs_rmdir_if_empty(&e->root, dir) < 0)
		log_debug("%s stays", dir);
}

int staging_open(const struct engine *e, struct staging *ret, struct err *err)
{
	AUTO_FREE char *path = tree_staging_lock(e, e->run_id);
	int r;

	*ret = (struct staging){ .e = e, .lock = LOCK_INIT };
	ret->dir = tree_staging_run(e, e->run_id);
	ret->source = tree_import_dir(e, e->run_id);
	staging_recover(e);
	r = lock_take(&ret->lock, &e->root, path, "unpacking", LOCK_WAIT, NULL, NULL, NULL);
	return r < 0 ? lock_failed(err, r, ret->dir) : 0;
}

void staging_close(struct staging *s)
{
	AUTO_FREE char *parent = NULL;

	if (!s->e)
		return;
	parent = tree_staging_dir(s->e);
	staging_remove(s->e, s->source);
	staging_remove(s->e, s->dir);
	if (fs_rmdir_if_empty(&s->e->root, parent) < 0)
		log_debug("%s stays", parent);
	lock_release(&s->lock);
	free(s->dir);
	free(s->source);
	*s = (struct staging)STAGING_INIT;
}
