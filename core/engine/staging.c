/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/staging.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "sys/fs.h"

#define BESIDE ".dkms-import."

static char *lock_of(const struct engine *e, const char *run)
{
	return engine_native(e, "staging/%s/lock", run);
}

static void remove_all(const struct engine *e, const char *path)
{
	int r = fs_remove_tree(&e->root, path);

	if (r < 0)
		log_warning("%s stays: %s", path, error_text(r));
}

/* Under the dead run's lock, so that a new one of that name cannot come between. */
static void remove_if_dead(const struct engine *e, const char *run, const char *path)
{
	AUTO_FREE char *lock_path = lock_of(e, run);
	struct lock lock = LOCK_INIT;
	struct stat st;
	int r = fs_lstat(&e->root, lock_path, &st);

	if (r == 0)
		r = lock_take(&lock, &e->root, lock_path, "cleaning", LOCK_TRY, NULL, NULL, NULL);
	if (r == 0 || r == -ENOENT)
		remove_all(e, path);
	lock_release(&lock);
}

/* A source's leftovers first: while the folder of their run is there. */
static void clean_beside(const struct engine *e)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(&e->root, e->source_tree, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = engine_source(e, "%s", name);

		if (strncmp(name, BESIDE, sizeof(BESIDE) - 1) == 0)
			remove_if_dead(e, name + sizeof(BESIDE) - 1, path);
	}
}

static void clean(const struct engine *e)
{
	AUTO_FREE char *dir = engine_native(e, "staging");
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	clean_beside(e);
	if (fs_list(&e->root, dir, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir, name);

		remove_if_dead(e, name, path);
	}
}

int staging_open(const struct engine *e, struct staging *ret, struct err *err)
{
	AUTO_FREE char *path = lock_of(e, e->run_id);
	int r;

	*ret = (struct staging){ .e = e, .lock = LOCK_INIT };
	ret->dir = engine_native(e, "staging/%s", e->run_id);
	ret->source = engine_source(e, BESIDE "%s", e->run_id);
	clean(e);
	r = lock_take(&ret->lock, &e->root, path, "unpacking", LOCK_WAIT, NULL, NULL, NULL);
	return r < 0 ? err_sys(err, r, "%s", ret->dir) : 0;
}

void staging_close(struct staging *s)
{
	AUTO_FREE char *parent = NULL;

	if (!s->e)
		return;
	parent = engine_native(s->e, "staging");
	remove_all(s->e, s->source);
	remove_all(s->e, s->dir);
	if (fs_rmdir_if_empty(&s->e->root, parent) < 0)
		log_debug("%s stays", parent);
	lock_release(&s->lock);
	free(s->dir);
	free(s->source);
	*s = (struct staging)STAGING_INIT;
}
