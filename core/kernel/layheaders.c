/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/layheaders.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "sys/fs.h"
#include "sys/mountns.h"

/* The links in a kernel's folder that lead to its headers. */
static const char *const lay_links[] = { "build", "source" };

struct lay {
	struct engine *e;
	const char *unpacked, *release, *scratch;
};

/* Copy the folder or symlink from/NAME to to/NAME, if it is there. */
static int lay_copy(const struct root *root, const char *from, const char *to, const char *name)
{
	AUTO_FREE char *source = xasprintf("%s/%s", from, name);
	AUTO_FREE char *copy = xasprintf("%s/%s", to, name);
	AUTO_FREE char *target = NULL;
	struct stat st;
	int r;

	if (fs_lstat(root, source, &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode)) {
		r = fs_readlink(root, source, &target);
		return r < 0 ? r : fs_symlink(root, target, copy);
	}
	if (!S_ISDIR(st.st_mode))
		return 0;
	r = fs_mkdir_p(root, copy);
	return r < 0 ? r : fs_copy_tree(root, source, copy);
}

/*
 * Copy unpacked/lib to scratch/lib.  If /lib is a link to usr/lib, `scratch` is laid over /usr, so
 * that scratch/lib appears as /usr/lib.  Of lib/modules, copy only the links of this kernel: its
 * modules are big, and not needed.
 */
static int lay_copy_lib(const struct lay *l)
{
	const struct root *root = &l->e->root;
	AUTO_FREE char *lib = xasprintf("%s/lib", l->unpacked);
	AUTO_FREE char *to = xasprintf("%s/lib", l->scratch);
	AUTO_FREE char *modules = xasprintf("%s/modules/%s", lib, l->release);
	AUTO_FREE char *to_modules = xasprintf("%s/modules/%s", to, l->release);
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;
	struct stat st;
	int r = fs_mkdir_p(root, to_modules);

	if (r < 0 || fs_lstat(root, lib, &st) < 0 || !S_ISDIR(st.st_mode))
		return r;
	r = fs_list(root, lib, &names);
	STRV_FOREACH (name, &names) {
		if (r == 0 && strcmp(name, "modules") != 0)
			r = lay_copy(root, lib, to, name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lay_links) && r == 0; i++)
		r = lay_copy(root, modules, to_modules, lay_links[i]);
	return r;
}

static bool lay_has(const struct lay *l, const char *folder, const char *path)
{
	AUTO_FREE char *whole = xasprintf("%s/%s", folder, path);
	struct stat st;

	return fs_lstat(&l->e->root, whole, &st) == 0;
}

/* If no package has the link to the headers, make it.  Fails if it is not known where they are. */
static int lay_add_link(const struct lay *l, struct err *err)
{
	static const char *const places[] = { "linux-headers-", "kernels/", "linux-" };
	AUTO_FREE char *link = xasprintf("lib/modules/%s/%s", l->release, lay_links[0]);
	AUTO_FREE char *in_usr = xasprintf("usr/%s", link);
	AUTO_FREE char *path = xasprintf("%s/%s", l->scratch, link);
	int r = -ENOENT;

	if (lay_has(l, l->scratch, link) || lay_has(l, l->unpacked, in_usr))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(places) && r == -ENOENT; i++) {
		AUTO_FREE char *place = xasprintf("usr/src/%s%s", places[i], l->release);
		AUTO_FREE char *target = xasprintf("/%s", place);

		if (lay_has(l, l->unpacked, place))
			r = fs_symlink(&l->e->root, target, path);
	}
	if (r == -ENOENT)
		return err_set(
			err, -E_BAD_HEADERS,
			"There are no headers of %s in %s.\nA folder is wanted that has usr/ "
			"and lib/ as their packages have them, unpacked.",
			l->release, l->unpacked);
	return r < 0 ? err_sys(err, r, "%s", path) : 0;
}

static int lay_mount(const struct lay *l)
{
	const struct root *root = &l->e->root;
	AUTO_FREE char *usr = xasprintf("%s/usr", l->unpacked);
	AUTO_FREE char *lib = xasprintf("%s/lib", l->scratch);
	AUTO_STRV struct strv over_usr = STRV_INIT, over_lib = STRV_INIT;
	bool merged = root_same_place(root, "/lib", "/usr/lib");
	int r;

	/* The scratch folder has only lib/, which appears as /usr/lib. */
	if (merged)
		strv_add(&over_usr, l->scratch);
	if (fs_is_dir(root, usr))
		strv_add(&over_usr, usr);
	strv_add(&over_lib, lib);
	r = over_usr.n ? mountns_overlay(root, &over_usr, "/usr") : 0;
	return r == 0 && !merged ? mountns_overlay(root, &over_lib, "/lib") : r;
}

/* Nothing can be written below /usr under the headers, so <dkms_tree> must not lie there. */
static int lay_check_tree(const struct engine *e, struct err *err)
{
	if (!path_is_below(e->dkms_tree, "/usr"))
		return 0;
	return err_set(err, -E_GENERAL,
		       "The DKMS tree, %s, lies below /usr, over which the headers are laid.",
		       e->dkms_tree);
}

int layheaders(struct engine *e, const char *unpacked, const char *release, const char *scratch,
	       struct err *err)
{
	struct lay l = { e, unpacked, release, scratch };
	int r = lay_check_tree(e, err);

	if (r < 0)
		return r;
	if (!fs_is_dir(&e->root, unpacked))
		return err_set(err, -E_BAD_HEADERS, "There is no folder %s.", unpacked);
	r = lay_copy_lib(&l);
	if (r < 0)
		return err_sys(err, r, "%s", scratch);
	r = lay_add_link(&l, err);
	if (r < 0)
		return r;
	r = mountns_enter(&e->root);
	if (r == 0)
		r = lay_mount(&l);
	return r < 0 ? err_sys(err, r, "The headers cannot be laid over /usr in a mount namespace")
		     : 0;
}
