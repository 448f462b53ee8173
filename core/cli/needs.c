/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a verb needs before it runs; dkms(8), EXIT STATUS, has the codes. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/cli.h"
#include "cli/meant.h"
#include "sys/fs.h"
#include "tree/tree.h"

/* Append the versions of `name` that are registered, or whose source is in <source_tree>. */
static void needs_known_versions(const struct engine *e, const char *name, struct strv *ret)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	AUTO_FREE char *prefix = xasprintf("%s-", name);
	AUTO_STRV struct strv sources = STRV_INIT;
	const struct tree_module *m = NULL;
	const char *source;

	if (!modid_name_problem(name) && tree_list(e, name, NULL, &tree) == 0)
		m = tree_module(&tree, name);
	for (size_t i = 0; m && i < m->n_versions; i++)
		strv_add(ret, m->versions[i].version);
	if (fs_list(&e->root, e->source_tree, &sources) < 0)
		return;
	STRV_FOREACH (source, &sources) {
		AUTO_FREE char *conf = engine_source(e, "%s/dkms.conf", source);
		size_t n = strlen(prefix);

		if (strncmp(source, prefix, n) == 0 && !strv_has(ret, source + n) &&
		    !modid_version_problem(source + n) && fs_is_file(&e->root, conf))
			strv_add(ret, source + n);
	}
}

/*
 * If somebody typed the name of a source folder, e.g. "hello-1.0", return "hello/1.0"; else NULL.
 * Caller frees.
 */
static char *needs_guess_module(const struct engine *e, const char *name)
{
	for (const char *p = strchr(name, '-'); p; p = strchr(p + 1, '-')) {
		AUTO_STRV struct strv versions = STRV_INIT;
		AUTO_FREE char *first = xstrndup(name, (size_t)(p - name));

		needs_known_versions(e, first, &versions);
		if (strv_has(&versions, p + 1))
			return xasprintf("%s/%s", first, p + 1);
	}
	return NULL;
}

/* A line about what a name without a version may mean, or "".  Caller frees. */
static char *needs_module_hint(const struct engine *e, const struct options *o,
			       const struct verb *v)
{
	AUTO_STRV struct strv versions = STRV_INIT;
	AUTO_FREE char *list = NULL, *other = NULL;

	if (!option_is_set(o->id.name) || option_is_set(o->id.version))
		return xstrdup("");
	needs_known_versions(e, o->id.name, &versions);
	list = strv_join(&versions, ", ");
	if (*list)
		return xasprintf("\nVersions of %s: %s.", o->id.name, list);
	other = needs_guess_module(e, o->id.name);
	if (other)
		return xasprintf("\nDid you mean %s?", other);
	if (!(v->flags & VERB_SOURCE) || source_is_named(o))
		return xstrdup("");
	return xasprintf("\nThere is no tarball %s, and no folder of that name with a dkms.conf.",
			 o->id.name);
}

/* Name and version must be given; the message shows the forms that this action takes. */
static int needs_module(const struct engine *e, const struct options *o, const struct verb *v,
			struct err *err)
{
	AUTO_FREE char *also = NULL, *path = NULL;

	if (option_is_set(o->id.name) && option_is_set(o->id.version))
		return 0;
	also = needs_module_hint(e, o, v);
	if (v->flags & VERB_SOURCE)
		path = xasprintf(" or\n       %s <folder> | <tarball>", v->name);
	return err_set(err, -E_ARGS_MISSING,
		       "Arguments <module> and <module-version> are not specified.\n"
		       "Usage: %s <module>/<module-version> or\n"
		       "       %s -m <module>/<module-version> or\n"
		       "       %s -m <module> -v <module-version>%s%s",
		       v->name, v->name, v->name, path ? path : "", also);
}

static int needs_kernel_count(const struct options *o, const struct verb *v, struct err *err)
{
	if ((v->flags & VERB_NO_ALL) && o->all)
		return err_set(err, -E_ALL_NOT_ALLOWED,
			       "The action %s does not support the --all parameter.", v->name);
	if ((v->flags & VERB_NEED_KERNEL) && o->kernels.n != 1)
		return err_set(err, -E_KERNEL_COUNT,
			       "The action %s requires exactly one kernel version parameter on "
			       "the command line.",
			       v->name);
	if ((v->flags & VERB_ONE_KERNEL) && o->kernels.n > 1)
		return err_set(err, -E_KERNEL_COUNT,
			       "The action %s does not support multiple kernel version parameters "
			       "on the command line.",
			       v->name);
	return 0;
}

static int needs_no_empty_kernel(const struct options *o, struct err *err)
{
	for (size_t i = 0; i < o->kernels.n; i++) {
		if (!*o->kernels.v[i])
			return err_set(err, -E_NO_KERNEL, "The kernel version is empty (-k).");
	}
	for (size_t i = 0; i < o->archs.n; i++) {
		if (!*o->archs.v[i])
			return err_set(err, -E_NO_KERNEL, "The architecture is empty (-a).");
	}
	return 0;
}

/*
 * As in DKMS, the kernel_* actions check the number of kernels first.  All other actions check it
 * later, in needs_engine().
 */
int needs_options(const struct options *o, const struct verb *v, struct err *err)
{
	int r = v->flags & VERB_NEED_KERNEL ? needs_kernel_count(o, v, err) : 0;

	if (r == 0 && strcmp(v->name, "status") != 0)
		r = needs_no_empty_kernel(o, err);
	return r;
}

static int needs_added(const struct engine *e, const struct options *o, struct err *err)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	const struct tree_version *v;
	AUTO_FREE char *meant = NULL;
	int r = tree_list(e, o->id.name, o->id.version, &tree);

	if (r < 0)
		return err_sys(err, r, "%s", e->dkms_tree);
	v = tree_version(&tree, o->id.name, o->id.version);
	if (v && (v->source != SOURCE_NONE || v->own_source || v->n_builds))
		return 0;
	meant = meant_added(e, &o->id);
	return err_set(err, -E_NOT_ADDED,
		       "The module/version combo: %s/%s is not located in the DKMS tree.%s",
		       o->id.name, o->id.version, meant);
}

/* If -c names a file, the file must exist: add, build and install can do nothing without it. */
static int needs_conf_file(const struct engine *e, struct err *err)
{
	if (!e->conf_file || fs_is_file(&e->root, e->conf_file))
		return 0;
	return err_set(err, -E_CONF_MISSING, "There is no file %s (-c).", e->conf_file);
}

static int needs_writable_tree(const struct engine *e, struct err *err)
{
	int r = fs_may_write(&e->root, e->dkms_tree);

	if (r == -ENOENT)
		r = fs_mkdir_p(&e->root, e->dkms_tree);
	if (r == 0)
		return 0;
	return err_set(err, -E_NO_WRITE, "No write access to DKMS tree at %s: %s", e->dkms_tree,
		       error_text(r));
}

static int needs_rights(const struct engine *e, const struct options *o, const struct verb *v,
			struct err *err)
{
	bool root = v->flags & VERB_ROOT;

	if (o->dry_run)
		return 0;
	if ((v->flags & VERB_SOURCE) && source_is_named(o))
		root = true;
	if ((v->flags & VERB_ROOT_FORCE) && o->force)
		root = true;
	if (root && geteuid() != 0)
		return err_set(err, -E_NOT_ROOT, "You must be root to use this command%s.",
			       v->flags & VERB_ROOT_FORCE ? " with the --force option" : "");
	return v->flags & VERB_WRITE_TREE ? needs_writable_tree(e, err) : 0;
}

int needs_engine(const struct engine *e, const struct options *o, const struct verb *v,
		 struct err *err)
{
	bool source = v->flags & VERB_SOURCE;
	int r = 0;

	if (!*e->arch)
		return err_set(err, -E_NO_ARCH, "Could not determine architecture.");
	if ((v->flags & VERB_MODULE) && !source)
		r = needs_module(e, o, v, err);
	if (r == 0 && (v->flags & VERB_ADDED))
		r = needs_added(e, o, err);
	if (r == 0)
		r = needs_kernel_count(o, v, err);
	if (r == 0)
		r = needs_rights(e, o, v, err);
	if (r == 0 && (v->flags & VERB_MODULE) && source && !source_is_named(o))
		r = needs_module(e, o, v, err);
	if (r == 0 && source)
		r = needs_conf_file(e, err);
	return r;
}
