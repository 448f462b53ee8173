/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/register.h"

#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "conf/script.h"
#include "engine/childenv.h"
#include "sys/fs.h"
#include "tree/tree.h"
#include "tx/tx.h"

/*
 * Is the version of `t` installed for its kernel, or, if t->release is NULL, for any kernel?
 * Another run may have installed it after this run was planned.  Also true if the tree cannot be
 * read.
 */
static bool register_is_installed(const struct engine *e, const struct target *t)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	const struct tree_module *m;

	if (tree_list(e, t->name, NULL, &tree) < 0)
		return true;
	m = tree_module(&tree, t->name);
	for (size_t i = 0; m && i < m->n_actives; i++) {
		const struct tree_active *a = &m->actives[i];

		if (t->release &&
		    (strcmp(a->release, t->release) != 0 || strcmp(a->arch, t->arch) != 0))
			continue;
		if (a->version && !a->dangling && strcmp(a->version, t->version) == 0)
			return true;
	}
	return false;
}

static int register_refuse(const struct target *t, struct err *err)
{
	return err_set(err, -E_GENERAL, "%s/%s was installed by another dkms meanwhile and stays.",
		       t->name, t->version);
}

static int unbuild_locked(struct engine *e, const struct target *t, struct err *err)
{
	AUTO_FREE char *place = tree_build_dir(e, t);
	AUTO_FREE char *kernel = tree_kernel_dir(e, t);
	AUTO_FREE char *stop = tree_version_dir(e, t->name, t->version);
	AUTO_FREE char *what =
		xasprintf("unbuild %s/%s %s %s", t->name, t->version, t->release, t->arch);
	CLEANUP(tx_release) struct tx tx;

	tx_begin(&tx, &e->journal, what);
	if (register_is_installed(e, t))
		return register_refuse(t, err);
	tx_del_tree(&tx, place);
	tx_rmdir_up(&tx, kernel, stop);
	return tx_run(&tx, err);
}

/* Hold the lock from the check to the commit, so that no other run installs in between. */
static int register_under_lock(struct engine *e, const struct target *t,
			       int (*fn)(struct engine *, const struct target *, struct err *),
			       struct err *err)
{
	int r = journal_lock(&e->journal, true);

	if (r < 0)
		return lock_failed(err, r, e->place.lock);
	r = fn(e, t, err);
	journal_unlock(&e->journal);
	return r;
}

int unbuild_run(struct engine *e, const struct target *t, struct err *err)
{
	return register_under_lock(e, t, unbuild_locked, err);
}

static bool register_link_is_right(const struct engine *e, const char *link, const char *folder)
{
	AUTO_FREE char *to = NULL;

	return fs_readlink(&e->root, link, &to) == 0 && !strcmp(to, folder) &&
	       fs_is_dir(&e->root, link);
}

static int register_put(struct engine *e, const struct target *t, const char *folder,
			struct err *err)
{
	AUTO_FREE char *link = tree_source_link(e, t->name, t->version);
	AUTO_FREE char *build = tree_work_dir(e, t->name, t->version);
	AUTO_FREE char *what = xasprintf("register %s/%s", t->name, t->version);
	CLEANUP(tx_release) struct tx tx;

	tx_begin(&tx, &e->journal, what);
	if (register_link_is_right(e, link, folder))
		return 0;
	tx_mkdir(&tx, build);
	tx_put_symlink(&tx, link, folder);
	return tx_run(&tx, err);
}

int register_run(struct engine *e, const struct target *t, const char *folder, const char *script,
		 struct err *err)
{
	AUTO_STRV struct strv env = STRV_INIT;
	int r = register_put(e, t, folder, err);

	if (r < 0)
		return r;
	childenv_script(e, t, &env);
	return script_run(e, t, SCRIPT_POST_ADD, script, &env, NULL, NULL, err);
}

static int unregister_locked(struct engine *e, const struct target *t, struct err *err)
{
	AUTO_FREE char *place = tree_version_dir(e, t->name, t->version);
	AUTO_FREE char *name = tree_module_dir(e, t->name);
	AUTO_FREE char *work = tree_workspaces_of(e, t->name, t->version);
	AUTO_FREE char *log = tree_kept_logs_of(e, t->name, t->version);
	AUTO_FREE char *logs = tree_kept_logs_dir(e), *logs_of_name = path_parent(log);
	AUTO_FREE char *what = xasprintf("unregister %s/%s", t->name, t->version);
	struct target any = { t->name, t->version, NULL, NULL };
	CLEANUP(tx_release) struct tx tx;

	tx_begin(&tx, &e->journal, what);
	if (register_is_installed(e, &any))
		return register_refuse(t, err);
	tx_del_tree(&tx, place);
	tx_rmdir_up(&tx, name, e->dkms_tree);
	if (fs_is_dir(&e->root, log))
		tx_del_tree(&tx, log);
	/* A build that was killed may have left this folder without a log in it. */
	if (fs_is_dir(&e->root, logs_of_name))
		tx_rmdir_up(&tx, logs_of_name, logs);
	if (fs_is_dir(&e->root, work))
		tx_del_tree(&tx, work);
	return tx_run(&tx, err);
}

int unregister_run(struct engine *e, const struct target *t, struct err *err)
{
	return register_under_lock(e, t, unregister_locked, err);
}
