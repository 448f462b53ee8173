/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/pending.h"

#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "sys/fs.h"
#include "sys/lock.h"

/*
 * Is somebody making the kernel's initramfs now?  The mark does not tell: it names the run that set
 * it, but if that run died, another run makes the initramfs.  Whoever makes it holds this lock.
 */
static bool pending_initramfs_is_being_made(const struct engine *e, const char *release)
{
	AUTO_FREE char *lock = tree_initramfs_lock(e, release);

	return lock_holder_lives(&e->root, lock);
}

char *pending_awaited(const struct engine *e, const char *mark)
{
	AUTO_FREE char *lock = NULL;
	AUTO_BUF struct buf run = BUF_INIT;

	if (fs_read(&e->root, mark, 256, &run) < 0 || !path_is_component(run.s))
		return NULL;
	if (strcmp(run.s, e->run_id) == 0)
		return NULL;
	lock = tree_journal_lock(e, run.s);
	return lock_holder_lives(&e->root, lock) ? TAKE(lock) : NULL;
}

static bool pending_is_awaited(const struct engine *e, const char *mark)
{
	AUTO_FREE char *lock = pending_awaited(e, mark);

	return lock != NULL;
}

bool pending_is_left(const struct engine *e, enum pending_kind kind, const char *release)
{
	AUTO_FREE char *mark = tree_pending_mark(e, kind, release);

	if (!fs_exists(&e->root, mark) || pending_is_awaited(e, mark))
		return false;
	return kind == PENDING_DEPMOD || !pending_initramfs_is_being_made(e, release);
}

void pending_left(const struct engine *e, enum pending_kind kind, struct strv *ret)
{
	AUTO_FREE char *folder = tree_pending_dir(e);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(&e->root, folder, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		const char *release = tree_pending_release(kind, name);

		if (release && pending_is_left(e, kind, release))
			strv_add(ret, release);
	}
}
