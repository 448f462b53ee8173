/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/workspace.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/treepath.h"
#include "sys/fs.h"
#include "sys/mountns.h"

static void workspace_tell_wait(const char *path, const char *holder, void *data)
{
	const struct target *t = data;

	(void)path;
	holder = lock_holder_words(holder);
	log_note("%s/%s %s: waiting for another build%s%s", t->name, t->version, t->release,
		 *holder ? ": " : "", holder);
}

/* Take the module package's build lock: only its holder may change <dkms_tree>/M/V/build. */
static int workspace_take_turn(struct workspace *ws, struct err *err)
{
	const struct target *t = &ws->target;
	AUTO_FREE char *path = tree_build_lock(ws->engine, t->name, t->version);
	AUTO_FREE char *what = xasprintf("building %s/%s for %s", t->name, t->version, t->release);
	int r = lock_take(&ws->turn, &ws->engine->root, path, what, LOCK_WAIT, workspace_tell_wait,
			  &ws->target, NULL);

	if (r == -EDEADLK)
		return err_set(err, -E_BUSY_ANCESTOR,
			       "%s/%s is being built by the run that started this one", t->name,
			       t->version);
	return r < 0 ? lock_failed(err, r, path) : 0;
}

/* Take the target's workspace lock: it tells other builds that this build uses M/V/build. */
static int workspace_mark_used(struct workspace *ws)
{
	AUTO_FREE char *path = tree_workspace_lock(ws->engine, &ws->target);

	return lock_take(&ws->used, &ws->engine->root, path, "building", LOCK_WAIT, NULL, NULL,
			 NULL);
}

/* Empty the folder, but keep it: it may be a mount point in another build's namespace. */
static int workspace_empty_folder(const struct root *r, const char *path)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int rc = fs_list(r, path, &names);

	STRV_FOREACH (name, &names) {
		AUTO_FREE char *child = xasprintf("%s/%s", path, name);

		if (rc == 0)
			rc = fs_remove_tree(r, child);
	}
	return rc;
}

static int workspace_fresh_folder(const struct root *r, const char *path)
{
	int rc = fs_mkdir_p(r, path);

	return rc < 0 ? rc : workspace_empty_folder(r, path);
}

/*
 * Make a folder for this target alone and mount it at <dkms_tree>/M/V/build.  Returns false if that
 * failed; the caller then builds in <dkms_tree>/M/V/build itself.
 */
static bool workspace_bind(struct workspace *ws)
{
	struct engine *e = ws->engine;
	AUTO_FREE char *own = tree_workspace(e, &ws->target);
	int r = workspace_fresh_folder(&e->root, own);

	if (r == 0)
		r = mountns_enter(&e->root);
	if (r == 0)
		r = mountns_bind(&e->root, own, ws->build);
	if (r < 0) {
		log_debug("no build folder of its own for %s: %s", ws->target.release,
			  error_text(r));
		r = fs_remove_tree(&e->root, own);
		return false;
	}
	ws->dir = TAKE(own);
	return true;
}

int workspace_open(struct workspace *ws, struct engine *e, const struct target *t, struct err *err)
{
	int r;

	*ws = (struct workspace){ .engine = e, .target = *t, .turn = LOCK_INIT, .used = LOCK_INIT };
	ws->build = tree_work_dir(e, t->name, t->version);
	r = workspace_take_turn(ws, err);
	if (r < 0)
		return r;
	r = workspace_mark_used(ws);
	if (r == 0)
		r = fs_mkdir_p(&e->root, ws->build);
	if (r < 0)
		return err_sys(err, r, "%s", ws->build);
	ws->bound = workspace_bind(ws);
	if (ws->bound) {
		lock_release(&ws->turn);
		return 0;
	}
	ws->dir = xstrdup(ws->build);
	r = workspace_empty_folder(&e->root, ws->dir);
	return r < 0 ? err_sys(err, r, "%s", ws->dir) : 0;
}

static int workspace_move_children(const struct root *r, const char *from, const char *to)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	int rc = fs_list(r, from, &names);

	STRV_FOREACH (name, &names) {
		AUTO_FREE char *a = xasprintf("%s/%s", from, name);
		AUTO_FREE char *b = xasprintf("%s/%s", to, name);

		if (rc == 0)
			rc = fs_rename(r, a, b);
	}
	return rc;
}

int workspace_keep(struct workspace *ws)
{
	const struct root *r = &ws->engine->root;
	int rc, gone;

	if (!ws->bound) {
		free(ws->dir);
		ws->dir = NULL;
		return 0;
	}
	rc = mountns_unbind(r, ws->build);
	if (rc < 0)
		return rc;
	ws->bound = false;
	rc = workspace_take_turn(ws, NULL);
	if (rc == 0)
		rc = workspace_empty_folder(r, ws->build);
	if (rc == 0)
		rc = workspace_move_children(r, ws->dir, ws->build);
	/* What could not be moved is of no use: nobody looks for it in our own folder. */
	gone = fs_remove_tree(r, ws->dir);
	rc = rc < 0 ? rc : gone;
	free(ws->dir);
	ws->dir = NULL;
	return rc;
}

/* Does another live build use M/V/build?  The caller holds the module package's build lock. */
static bool workspace_is_shared(const struct workspace *ws)
{
	const struct target *t = &ws->target;
	AUTO_FREE char *folder = tree_workspaces_of(ws->engine, t->name, t->version);
	AUTO_FREE char *mine = tree_workspace_lock(ws->engine, t);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(&ws->engine->root, folder, &names) < 0)
		return true;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, name);
		struct lock probe = LOCK_INIT;

		if (!tree_is_workspace_lock(name) || !strcmp(path, mine))
			continue;
		if (lock_take(&probe, &ws->engine->root, path, "looking", LOCK_TRY, NULL, NULL,
			      NULL) < 0)
			return true;
		lock_release(&probe);
	}
	return false;
}

static int workspace_remove(struct workspace *ws)
{
	const struct root *r = &ws->engine->root;
	int rc = 0;

	if (ws->bound) {
		rc = mountns_unbind(r, ws->build);
		if (rc == 0)
			rc = fs_remove_tree(r, ws->dir);
		if (rc == 0)
			rc = workspace_take_turn(ws, NULL);
	}
	if (rc == 0 && !workspace_is_shared(ws))
		rc = fs_remove_tree(r, ws->build);
	return rc;
}

void workspace_close(struct workspace *ws)
{
	int r = ws->dir ? workspace_remove(ws) : 0;

	if (r < 0)
		log_warning("%s: cannot be removed: %s", ws->dir, error_text(r));
	lock_release(&ws->used);
	lock_release(&ws->turn);
	free(ws->dir);
	free(ws->build);
	ws->dir = ws->build = NULL;
}

/*
 * Append the folders that belong to a workspace lock, if they exist: workspace, staging, outbox,
 * room.
 */
static void workspace_list_folders(const struct engine *e, const char *lock, struct strv *ret)
{
	AUTO_FREE char *own = tree_workspace_by_lock(lock);
	AUTO_FREE char *staged = tree_workspace_staged_by_lock(lock);
	AUTO_FREE char *outbox = tree_workspace_outbox_by_lock(lock);
	AUTO_FREE char *room = tree_replay_room_by_lock(e, lock);

	if (fs_exists(&e->root, own))
		strv_add(ret, own);
	if (fs_exists(&e->root, staged))
		strv_add(ret, staged);
	if (fs_exists(&e->root, outbox))
		strv_add(ret, outbox);
	if (fs_exists(&e->root, room))
		strv_add(ret, room);
}

static void workspace_list_locks(const struct engine *e, struct strv *ret)
{
	AUTO_FREE char *all = tree_workspaces_dir(e);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name, *version, *file;

	if (fs_list(&e->root, all, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *package = xasprintf("%s/%s", all, name);
		AUTO_STRV struct strv versions = STRV_INIT;

		if (fs_list(&e->root, package, &versions) < 0)
			continue;
		STRV_FOREACH (version, &versions) {
			AUTO_FREE char *folder = xasprintf("%s/%s", package, version);
			AUTO_STRV struct strv files = STRV_INIT;

			if (fs_list(&e->root, folder, &files) < 0)
				continue;
			STRV_FOREACH (file, &files)
				if (tree_is_workspace_lock(file))
					strv_addf(ret, "%s/%s", folder, file);
		}
	}
}

void workspace_stale(struct engine *e, struct strv *ret)
{
	AUTO_STRV struct strv locks = STRV_INIT;
	const char *path;

	workspace_list_locks(e, &locks);
	STRV_FOREACH (path, &locks)
		if (!lock_holder_lives(&e->root, path))
			workspace_list_folders(e, path, ret);
}

static void workspace_sweep(struct engine *e, const char *lock_path)
{
	AUTO_STRV struct strv folders = STRV_INIT;
	struct lock lock = LOCK_INIT;
	const char *path;

	workspace_list_folders(e, lock_path, &folders);
	if (!folders.n ||
	    lock_take(&lock, &e->root, lock_path, "sweeping", LOCK_TRY, NULL, NULL, NULL) < 0)
		return;
	STRV_FOREACH (path, &folders) {
		int r = fs_remove_tree(&e->root, path);

		if (r < 0)
			log_warning("%s: %s", path, error_text(r));
	}
	lock_release(&lock);
}

void workspace_recover(struct engine *e)
{
	AUTO_STRV struct strv locks = STRV_INIT;
	const char *path;

	workspace_list_locks(e, &locks);
	STRV_FOREACH (path, &locks)
		workspace_sweep(e, path);
}
