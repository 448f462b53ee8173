/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/cleankernel.h"

#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"
#include "base/strv.h"
#include "sys/fs.h"

/* depmod(8)'s outputs; modules.order and modules.builtin* are the kernel package's own. */
static const char *const outputs[] = {
	"modules.alias",       "modules.alias.bin",
	"modules.builtin.bin", "modules.builtin.alias.bin",
	"modules.dep",	       "modules.dep.bin",
	"modules.devname",     "modules.softdep",
	"modules.symbols",     "modules.symbols.bin",
	"modules.weakdep",     "modules.*.[0-9]*.[0-9]*",
};

static bool is_output(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		if (fnmatch(outputs[i], name, 0) == 0)
			return true;
	}
	return false;
}

static int remove_outputs(struct engine *e, const char *tree, const struct strv *names)
{
	int r = 0;

	for (size_t i = 0; i < names->n && r == 0; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", tree, names->v[i]);

		if (is_output(names->v[i]))
			r = fs_unlink(&e->root, path);
	}
	return r;
}

/* Depth first, so that a folder of empty folders goes as a whole. */
static int remove_empty(struct engine *e, const char *path)
{
	AUTO_STRV struct strv names = STRV_INIT;
	struct stat st;
	int r = fs_list(&e->root, path, &names);

	for (size_t i = 0; i < names.n && r == 0; i++) {
		AUTO_FREE char *child = xasprintf("%s/%s", path, names.v[i]);

		r = fs_lstat(&e->root, child, &st);
		if (r == 0 && S_ISDIR(st.st_mode))
			r = remove_empty(e, child);
	}
	return r < 0 ? r : fs_rmdir_if_empty(&e->root, path);
}

int clean_kernel(struct engine *e, const char *release, struct err *err)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_FREE char *mark = engine_native(e, "pending/depmod-%s", release);
	AUTO_STRV struct strv names = STRV_INIT;
	int r = fs_unlink(&e->root, mark);

	if (!fs_is_dir(&e->root, tree))
		return 0;
	if (r == 0)
		r = fs_list(&e->root, tree, &names);
	if (r == 0)
		r = remove_outputs(e, tree, &names);
	if (r == 0)
		r = remove_empty(e, tree);
	return r < 0 ? err_sys(err, r, "%s", tree) : 0;
}
