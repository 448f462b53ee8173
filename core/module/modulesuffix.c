/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modulesuffix.h"

#include <string.h>

#include "base/alloc.h"
#include "model/kver.h"
#include "sys/fs.h"

#define MAX_LIST (16 * 1024 * 1024)
/* How many of a list's modules are looked for before it counts as stale. */
#define TRIES 16

static const char *const suffixes[] = { "", ".gz", ".xz", ".zst" };

/* Suffix of the file NAME.ko*, NULL when there is none.  base ends in ".ko". */
static const char *modulesuffix_on_disk(const struct engine *e, const char *release,
					const char *base)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		AUTO_FREE char *path = engine_modules(e, "%s/%s%s", release, base, suffixes[i]);

		if (fs_is_file(&e->root, path))
			return suffixes[i];
	}
	return NULL;
}

/* modules.order has "kernel/x/y.ko" a line, modules.dep "kernel/x/y.ko.xz: ...". */
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
		const char *ko = memmem(s, len, ".ko", 3), *found = NULL;

		if (ko && strncmp(s, "kernel/", 7) == 0) {
			AUTO_FREE char *base = xstrndup(s, (size_t)(ko + 3 - s));

			tries++;
			found = modulesuffix_on_disk(e, release, base);
		}
		if (found)
			return found;
		s += strcspn(s, "\n");
	}
	return NULL;
}

/* Ends the walk at the first module, with its suffix's index + 1. */
static int modulesuffix_walk_entry(const char *rel, const struct stat *st, void *data)
{
	size_t len = strlen(rel);

	(void)data;
	if (!S_ISREG(st->st_mode))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t n = 3 + strlen(suffixes[i]);

		if (len > n && strncmp(rel + len - n, ".ko", 3) == 0 &&
		    strcmp(rel + len - n + 3, suffixes[i]) == 0)
			return (int)i + 1;
	}
	return 0;
}

static const char *modulesuffix_by_walk(const struct engine *e, const char *release)
{
	AUTO_FREE char *path = engine_modules(e, "%s/kernel", release);
	int r = fs_walk(&e->root, path, modulesuffix_walk_entry, NULL);

	return r > 0 ? suffixes[r - 1] : NULL;
}

static const char *modulesuffix_by_config(const char *release, const struct kconfig *c)
{
	/*
	 * Since 6.12 modules_install compresses only with _ALL; before, where MODULE_COMPRESS
	 * itself existed (until 5.12), there was no _ALL.
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
