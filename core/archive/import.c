/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/import.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/path.h"
#include "conf/confeval.h"
#include "conf/confwarn.h"
#include "conf/source.h"
#include "engine/distro.h"
#include "kernel/kernels.h"
#include "sys/fs.h"
#include "tree/aside.h"
#include "tree/tree.h"

void import_release(struct import *i)
{
	modid_release(&i->id);
	conf_release(&i->conf);
	free(i->place);
}

/* ---- the conf ---- */

static void import_interpret(const struct engine *e, const struct target *t,
			     const struct conf_values *values, struct conf *ret)
{
	struct kconfig config = { 0 };
	bool has_config = *t->release && kernel_config(e, t->release, &config) == 0;
	AUTO_FREE char *headers = engine_headers_dir(e, t->release);
	AUTO_FREE char *build = tree_work_dir(e, t->name, t->version);
	AUTO_FREE char *target_dir = engine_target_dir(e);
	struct conf_kernel kernel = {
		.release = t->release,
		.arch = t->arch,
		.source_dir = headers,
		.build_dir = build,
		.config = has_config ? &config : NULL,
		.target_dir = target_dir,
		.clang = *t->release && kernel_by_clang(e, t->release, has_config ? &config : NULL),
	};

	conf_interpret(values, &kernel, ret);
	if (has_config)
		kconfig_release(&config);
}

int import_conf(struct engine *e, const char *path, const struct target *t, bool strict,
		struct conf *ret, struct err *err)
{
	struct confeval_pair pair = {
		.name = t->name,
		.version = t->version,
		.release = t->release,
		.arch = t->arch,
		.conf_path = path,
		.result = CONF_VALUES_INIT,
	};
	int r = confeval_run(e, &pair, 1, err);

	*ret = (struct conf)CONF_INIT;
	if (r == 0) {
		import_interpret(e, t, &pair.result, ret);
		confwarn_add(e, t, path, ret, &pair.result);
		r = conf_check(ret, &pair.result, path, strict, err);
	}
	conf_values_release(&pair.result);
	return r;
}

static int import_check_names(const struct conf *c, const char *path, struct err *err)
{
	const char *problem = modid_name_problem(c->package_name);

	if (problem)
		return err_set(err, -E_BAD_CONF, "%s: PACKAGE_NAME \"%s\": %s", path,
			       c->package_name, problem);
	problem = modid_version_problem(c->package_version);
	if (problem)
		return err_set(err, -E_BAD_CONF, "%s: PACKAGE_VERSION \"%s\": %s", path,
			       c->package_version, problem);
	return 0;
}

/*
 * Choose the kernel for which the conf is read, because `dkms add` names no kernel.  DKMS takes the
 * running kernel, we take that of kernels_default().  Returns "" if there is none.  Caller frees.
 */
static char *import_kernel(const struct engine *e)
{
	char *release = NULL;

	return kernels_default(e, &release, NULL) == 0 ? release : xstrdup("");
}

int import_read(struct engine *e, const char *path, struct import *ret, struct err *err)
{
	AUTO_FREE char *release = import_kernel(e);
	struct target t = { "", "", release, e->arch };
	int r;

	conf_release(&ret->conf);
	r = import_conf(e, path, &t, true, &ret->conf, err);
	if (r == 0)
		r = import_check_names(&ret->conf, path, err);
	if (r < 0)
		return r;
	modid_release(&ret->id);
	ret->id.name = xstrdup(ret->conf.package_name);
	ret->id.version = xstrdup(ret->conf.package_version);
	free(ret->place);
	ret->place = tree_source_dir(e, ret->id.name, ret->id.version);
	return 0;
}

/* ---- the source ---- */

static bool import_same_folder(const struct engine *e, const char *a, const char *b)
{
	struct stat x, y;

	return fs_stat(&e->root, a, &x) == 0 && fs_stat(&e->root, b, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/*
 * Does `folder` belong to the module package already?  Yes, if it is i->place, the target of the
 * source link, or the build folder.
 */
static bool import_is_in_place(const struct engine *e, const struct import *i, const char *folder)
{
	AUTO_FREE char *link = tree_source_link(e, i->id.name, i->id.version);
	AUTO_FREE char *build = tree_work_dir(e, i->id.name, i->id.version);

	return import_same_folder(e, folder, i->place) || import_same_folder(e, folder, link) ||
	       import_same_folder(e, folder, build);
}

/* Does the folder at i->place have the same content as `folder`?  Returns 1, 0 or an error. */
static int import_same_content(const struct engine *e, const struct import *i, const char *folder,
			       struct err *err)
{
	AUTO_FREE char *there = NULL;
	AUTO_FREE char *new = NULL;
	int r = source_content(e, i->place, NULL, &there);

	if (r == -ENOTDIR)
		return 0;
	if (r < 0)
		return err_sys(err, r, "%s", i->place);
	r = source_content(e, folder, NULL, &new);
	return r < 0 ? err_sys(err, r, "%s", folder) : strcmp(there, new) == 0;
}

static int import_check_place(const struct engine *e, const char *folder, bool force,
			      struct import *i, struct err *err)
{
	struct stat st;
	int r = fs_lstat(&e->root, i->place, &st);

	i->copy = true;
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_sys(err, r, "%s", i->place);
	/* Even force does not replace the link: its target may be somebody else's folder. */
	if (S_ISLNK(st.st_mode))
		return err_set(err, -E_ALREADY_ADDED,
			       "%s is a link to another source.\nRemove it, or add that one with: "
			       "dkms add %s/%s",
			       i->place, i->id.name, i->id.version);
	r = import_same_content(e, i, folder, err);
	if (r < 0)
		return r;
	i->copy = r == 0;
	i->replace = i->copy;
	if (i->copy && !force)
		return err_set(
			err, -E_ALREADY_ADDED,
			"%s exists already, with other content.\nGive the new source another "
			"PACKAGE_VERSION, or replace the old one with --force.",
			i->place);
	return 0;
}

/* Refuse if the package is registered with a source elsewhere: our copy would not be used. */
static int import_check_link(const struct engine *e, const struct import *i, struct err *err)
{
	AUTO_FREE char *link = tree_source_link(e, i->id.name, i->id.version);
	AUTO_FREE char *to = NULL;

	if (fs_readlink(&e->root, link, &to) < 0 || strcmp(to, i->place) == 0 ||
	    import_same_folder(e, link, i->place))
		return 0;
	if (fs_is_dir(&e->root, link))
		return err_set(err, -E_ALREADY_ADDED,
			       "%s/%s is registered already, with its source in %s.", i->id.name,
			       i->id.version, to);
	return err_set(err, -E_BROKEN,
		       "%s/%s is registered already, and its source %s is gone.\nBring that back, "
		       "or forget it first: dkms remove %s/%s --all",
		       i->id.name, i->id.version, to, i->id.name, i->id.version);
}

static bool import_holds(const char *folder, const char *path)
{
	return strcmp(path, folder) == 0 || path_is_below(path, folder);
}

/* Refuse a folder that contains one of our trees: the copy would contain itself. */
static int import_check_folder(const struct engine *e, const char *folder, struct err *err)
{
	AUTO_FREE char *inside = NULL, *sources = NULL;
	int r = root_realpath(&e->root, folder, &inside);

	/*
	 * source_tree may be a symlink, so resolve it.  If it does not exist yet, take its path as
	 * it is.
	 */
	if (r == 0 && root_realpath(&e->root, e->source_tree, &sources) < 0)
		sources = xstrdup(e->source_tree);
	if (r < 0)
		return err_sys(err, r, "%s", folder);
	if (strcmp(inside, "/") == 0 || import_holds(inside, sources) ||
	    import_holds(inside, e->dkms_tree))
		return err_set(err, -E_TREE_NO_CONF,
			       "%s is no module source: the trees of dkms lie in it", folder);
	return 0;
}

int import_stage(struct engine *e, const struct staging *s, const char *folder, bool force,
		 struct import *i, struct err *err)
{
	int r;

	i->copy = false;
	if (import_is_in_place(e, i, folder))
		return 0;
	r = import_check_folder(e, folder, err);
	if (r == 0)
		r = import_check_link(e, i, err);
	if (r == 0)
		r = import_check_place(e, folder, force, i, err);
	if (r < 0 || !i->copy)
		return r;
	r = fs_mkdir_p(&e->root, s->source);
	if (r == 0)
		r = fs_copy_tree(&e->root, folder, s->source);
	if (r == -ENOSPC)
		return err_set(err, -E_NO_SPACE, "there is not enough free space in %s",
			       e->source_tree);
	return r < 0 ? err_sys(err, r, "%s cannot be copied to %s", folder, i->place) : 0;
}

void import_declare(const struct import *i, const struct staging *s, struct tx *tx)
{
	if (!i->copy)
		return;
	if (i->replace)
		tx_del_tree(tx, i->place);
	tx_put_tree(tx, i->place, s->source);
}

static int import_commit(struct engine *e, const struct import *i, const struct staging *s,
			 struct err *err)
{
	AUTO_FREE char *what = xasprintf("import %s/%s", i->id.name, i->id.version);
	CLEANUP(tx_release) struct tx tx;
	int r = aside_check(e, i->id.name, NULL, err);

	tx_begin(&tx, &e->journal, what);
	if (r < 0 || !i->copy)
		return r;
	if (i->replace)
		log_note("Replacing the source in %s.", i->place);
	else
		log_note("Copying the source to %s.", i->place);
	import_declare(i, s, &tx);
	return tx_run(&tx, err);
}

int source_import(struct engine *e, const char *folder, bool force, struct modid *ret,
		  bool *ret_copied, struct err *err)
{
	AUTO_STAGING struct staging s = STAGING_INIT;
	AUTO_IMPORT struct import i = IMPORT_INIT;
	AUTO_FREE char *conf = xasprintf("%s/dkms.conf", folder);
	AUTO_FREE char *warning = NULL;
	int r;

	if (!fs_is_file(&e->root, conf))
		return err_set(err, -E_TREE_NO_CONF, "%s must contain a dkms.conf file!", folder);
	r = import_read(e, conf, &i, err);
	warning = r == 0 ? confwarn_folder(&e->root, folder, &i.conf) : NULL;
	if (warning)
		log_warning("%s", warning);
	if (r == 0 && !import_is_in_place(e, &i, folder))
		r = staging_open(e, &s, err);
	if (r == 0 && s.e)
		r = import_stage(e, &s, folder, force, &i, err);
	if (r == 0)
		r = import_commit(e, &i, &s, err);
	if (r == 0) {
		*ret = i.id;
		*ret_copied = i.copy;
		i.id = (struct modid)MODID_INIT;
	}
	return r;
}
