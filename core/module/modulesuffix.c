/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modulesuffix.h"

#include <string.h>

#include "base/alloc.h"
#include "model/kver.h"
#include "module/kerneltree.h"
#include "sys/fs.h"

#define MAX_LIST (16 * 1024 * 1024)
#define TRIES	 16 /* a list is stale if this many of its modules have no file */
#define KO	 3  /* length of ".ko", with which each module suffix begins */

/*
 * How is the file of this module compressed?  Returns the suffix, "" if the file is not compressed,
 * or NULL if there is no file.  `module` is a path below the kernel's tree, without ".ko".
 */
static const char *modulesuffix_on_disk(const struct engine *e, const char *release,
					const char *module)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);
	AUTO_FREE char *file = kerneltree_file_for(&e->root, tree, module);

	return file ? kerneltree_suffix(file) + KO : NULL;
}

/*
 * Find the first module of a list whose file exists, and return the suffix for its compression.  A
 * line is "kernel/x/y.ko" in modules.order, and "kernel/x/y.ko.xz: ..." in modules.dep.
 */
static const char *modulesuffix_by_list(const struct engine *e, const char *release,
					const char *list)
{
	AUTO_FREE char *path = engine_modules(e, "%s/%s", release, list);
	AUTO_BUF struct buf text = BUF_INIT;
	unsigned int tries = 0;

	if (fs_read(&e->root, path, MAX_LIST, &text) < 0)
		return NULL;
	for (const char *s = text.s; *s && tries < TRIES; s += *s == '\n') {
		size_t len = strcspn(s, ":\n");
		const char *ko = memmem(s, len, ".ko", KO), *found = NULL;

		if (ko && strncmp(s, "kernel/", 7) == 0) {
			AUTO_FREE char *module = xstrndup(s, (size_t)(ko - s));

			tries++;
			found = modulesuffix_on_disk(e, release, module);
		}
		if (found)
			return found;
		s += strcspn(s, "\n");
	}
	return NULL;
}

/* End the walk at the first module. */
static int modulesuffix_walk_entry(const char *rel, const struct stat *st, void *data)
{
	const char **suffix = data;

	if (S_ISREG(st->st_mode))
		*suffix = kerneltree_suffix(rel);
	return *suffix != NULL;
}

static const char *modulesuffix_by_walk(const struct engine *e, const char *release)
{
	AUTO_FREE char *path = engine_modules(e, "%s/kernel", release);
	const char *suffix = NULL;

	return fs_walk(&e->root, path, modulesuffix_walk_entry, &suffix) == 1 ? suffix + KO : NULL;
}

static const char *modulesuffix_by_config(const char *release, const struct kconfig *c)
{
	/*
	 * Since 6.12, `make modules_install` compresses only with CONFIG_MODULE_COMPRESS_ALL.  The
	 * release is compared because kernels before 5.13 have CONFIG_MODULE_COMPRESS, too, but no
	 * CONFIG_MODULE_COMPRESS_ALL.
	 */
	if (kconfig_enabled(c, "CONFIG_MODULE_COMPRESS") && kver_compare(release, "6.12") >= 0 &&
	    !kconfig_enabled(c, "CONFIG_MODULE_COMPRESS_ALL"))
		return "";
	if (kconfig_enabled(c, "CONFIG_MODULE_COMPRESS_GZIP"))
		return ".gz";
	if (kconfig_enabled(c, "CONFIG_MODULE_COMPRESS_XZ"))
		return ".xz";
	return kconfig_enabled(c, "CONFIG_MODULE_COMPRESS_ZSTD") ? ".zst" : "";
}

const char *kernel_module_suffix(const struct engine *e, const char *release,
				 const struct kconfig *c)
{
	const char *found = modulesuffix_by_list(e, release, "modules.order");

	if (!found)
		found = modulesuffix_by_list(e, release, "modules.dep");
	if (!found)
		found = modulesuffix_by_walk(e, release);
	if (!found && c)
		found = modulesuffix_by_config(release, c);
	return found ? found : "";
}
