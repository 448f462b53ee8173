/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Make and remove the base folder, which depmod needs if <install_tree> is not /lib/modules. */
#include "install/depmod.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "engine/treepath.h"
#include "sys/fs.h"
#include "sys/lock.h"

int depmod_make_base(const struct engine *e, const char *release, char **ret)
{
	AUTO_FREE char *tree = NULL, *usual = NULL, *base = NULL, *lib = NULL, *link = NULL;
	int r = root_realpath(&e->root, e->install_tree, &tree);

	if (r < 0)
		return r;
	if (root_realpath(&e->root, "/lib/modules", &usual) == 0 && !strcmp(tree, usual)) {
		*ret = NULL;
		return 0;
	}
	base = tree_depmod_base(e, release);
	lib = xasprintf("%s/lib", base);
	link = xasprintf("%s/modules", lib);
	r = fs_remove_tree(&e->root, base);
	if (r == 0)
		r = fs_mkdir_p(&e->root, lib);
	if (r == 0)
		r = fs_symlink(&e->root, tree, link);
	if (r == 0)
		*ret = TAKE(base);
	return r;
}

/* Append the paths of all base folders and, in the same order, the paths of their locks. */
static void depmod_list_bases(const struct engine *e, struct strv *ret_bases,
			      struct strv *ret_locks)
{
	AUTO_FREE char *folder = tree_native_dir(e);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_list(&e->root, folder, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		const char *release = tree_depmod_base_release(name);

		if (!release)
			continue;
		strv_take(ret_bases, tree_depmod_base(e, release));
		strv_take(ret_locks, tree_depmod_lock(e, release));
	}
}

void depmod_stale(const struct engine *e, struct strv *ret)
{
	AUTO_STRV struct strv bases = STRV_INIT, locks = STRV_INIT;

	depmod_list_bases(e, &bases, &locks);
	for (size_t i = 0; i < bases.n; i++) {
		if (!lock_holder_lives(&e->root, locks.v[i]))
			strv_add(ret, bases.v[i]);
	}
}

void depmod_sweep(const struct engine *e)
{
	AUTO_STRV struct strv bases = STRV_INIT, locks = STRV_INIT;

	depmod_list_bases(e, &bases, &locks);
	for (size_t i = 0; i < bases.n; i++) {
		struct lock lock = LOCK_INIT;
		int r = lock_take(&lock, &e->root, locks.v[i], "sweeping", LOCK_TRY, NULL, NULL,
				  NULL);

		if (r < 0)
			continue;
		r = fs_remove_tree(&e->root, bases.v[i]);
		if (r < 0)
			log_warning("%s stays: %s", bases.v[i], error_text(r));
		lock_release(&lock);
	}
}
