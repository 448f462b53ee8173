/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/cleankernel.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/strv.h"
#include "engine/treepath.h"
#include "sys/fs.h"
#include "tx/tx.h"

/*
 * What depmod writes, and its temporary files.  modules.order, modules.builtin and
 * modules.builtin.modinfo are not in the list: they belong to the kernel's package.
 */
static const char *const outputs[] = {
	"modules.alias",       "modules.alias.bin",
	"modules.builtin.bin", "modules.builtin.alias.bin",
	"modules.dep",	       "modules.dep.bin",
	"modules.devname",     "modules.softdep",
	"modules.symbols",     "modules.symbols.bin",
	"modules.weakdep",     "modules.*.[0-9]*.[0-9]*",
};

static bool clean_is_output(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		if (fnmatch(outputs[i], name, 0) == 0)
			return true;
	}
	return false;
}

static void clean_del_outputs(struct tx *tx, const char *tree, const struct strv *names)
{
	for (size_t i = 0; i < names->n; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", tree, names->v[i]);

		if (clean_is_output(names->v[i]))
			tx_del(tx, path);
	}
}

/*
 * Remove the folder `path` and all folders below it, the innermost first.  A folder that is not
 * empty when its turn comes stays.
 */
static int clean_del_folders(struct engine *e, struct tx *tx, const char *path, const char *parent)
{
	AUTO_STRV struct strv names = STRV_INIT;
	struct stat st;
	int r = fs_list(&e->root, path, &names);

	for (size_t i = 0; i < names.n && r == 0; i++) {
		AUTO_FREE char *child = xasprintf("%s/%s", path, names.v[i]);

		r = fs_lstat(&e->root, child, &st);
		if (r == 0 && S_ISDIR(st.st_mode))
			r = clean_del_folders(e, tx, child, path);
	}
	if (r == 0)
		tx_rmdir_up(tx, path, parent);
	return r;
}

/* End the walk at the first file. */
static int clean_stop_at_file(const char *rel, const struct stat *st, void *data)
{
	(void)rel;
	(void)data;
	return !S_ISDIR(st->st_mode);
}

bool clean_is_needed(const struct engine *e, const char *release)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_FREE char *depmod = tree_pending_mark(e, PENDING_DEPMOD, release);
	AUTO_FREE char *initramfs = tree_pending_mark(e, PENDING_INITRAMFS, release);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (fs_exists(&e->root, depmod) || fs_exists(&e->root, initramfs))
		return true;
	if (fs_list(&e->root, tree, &names) < 0)
		return false;
	STRV_FOREACH (name, &names) {
		if (clean_is_output(name))
			return true;
	}
	return fs_walk(&e->root, tree, clean_stop_at_file, NULL) == 0;
}

int clean_kernel(struct engine *e, const char *release, struct err *err)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_FREE char *depmod = tree_pending_mark(e, PENDING_DEPMOD, release);
	AUTO_FREE char *initramfs = tree_pending_mark(e, PENDING_INITRAMFS, release);
	AUTO_FREE char *what = xasprintf("clean %s", release);
	AUTO_STRV struct strv names = STRV_INIT;
	CLEANUP(tx_release) struct tx tx;
	int r = 0;

	tx_begin(&tx, &e->journal, what);
	tx_del(&tx, depmod);
	tx_del(&tx, initramfs);
	if (fs_is_dir(&e->root, tree)) {
		r = fs_list(&e->root, tree, &names);
		clean_del_outputs(&tx, tree, &names);
		if (r == 0)
			r = clean_del_folders(e, &tx, tree, e->install_tree);
	}
	if (r < 0)
		return err_sys(err, r, "%s", tree);
	return tx_run(&tx, err);
}
