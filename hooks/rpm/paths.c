/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/rpm/paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/util.h"
#include "model/modid.h"

/* What follows the prefix, or NULL. */
static const char *after(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

/* One component and its '/' and nothing more: the component, else NULL; caller frees. */
static char *only_component(const char *s)
{
	size_t n = s ? strcspn(s, "/") : 0;

	return n > 0 && s[n] == '/' && !s[n + 1] ? xstrndup(s, n) : NULL;
}

static bool is_image(const char *base)
{
	static const char *const names[] = { "vmlinuz", "vmlinux", "Image",
					     "image",	"bzImage", "zImage" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (after(base, names[i]))
			return true;
	return false;
}

static enum path_kind look_in_modules(const char *dir, const char *base, char **ret)
{
	const char *rest = after(dir, "/usr/lib/modules/");

	if (is_image(base) || strcmp(base, "build") == 0)
		*ret = only_component(rest ? rest : after(dir, "/lib/modules/"));
	if (!*ret)
		return PATH_OTHER;
	return is_image(base) ? PATH_KERNEL : PATH_LINK;
}

/* Packages that put their image nowhere else. */
static enum path_kind look_in_boot(const char *dir, const char *base, char **ret)
{
	static const char *const names[] = { "vmlinuz-", "Image-", "image-", "zImage-" };

	for (size_t i = 0; strcmp(dir, "/boot/") == 0 && i < ARRAY_SIZE(names) && !*ret; i++)
		*ret = xstrdup(after(base, names[i]));
	return *ret ? PATH_KERNEL : PATH_OTHER;
}

/* SUSE: linux-VERSION-obj/ARCH/FLAVOUR/ is for VERSION-FLAVOUR. */
static char *suse_release(const char *rest)
{
	const char *version = after(rest, "linux-"), *slash = version ? strchr(version, '/') : NULL;
	AUTO_FREE char *flavour = NULL;

	if (!slash || slash - version < 5 || strncmp(slash - 4, "-obj", 4) != 0)
		return NULL;
	slash = strchr(slash + 1, '/');
	flavour = only_component(slash ? slash + 1 : NULL);
	if (!flavour)
		return NULL;
	return xasprintf("%.*s-%s", (int)(strstr(version, "-obj/") - version), version, flavour);
}

static enum path_kind look_in_sources(const char *rest, const char *base, char **ret)
{
	const char *headers = after(rest, "kernels/");

	if (strcmp(base, "Makefile") == 0) {
		*ret = headers ? only_component(headers) : suse_release(rest);
		return PATH_HEADERS;
	}
	if (strcmp(base, "dkms.conf") == 0)
		*ret = only_component(rest);
	return PATH_SOURCE;
}

enum path_kind path_look(const char *dir, const char *base, char **ret_key)
{
	const char *rest = after(dir, "/usr/src/");
	AUTO_FREE char *key = NULL;
	enum path_kind kind;

	kind = rest ? look_in_sources(rest, base, &key) : look_in_modules(dir, base, &key);
	if (!key && !rest)
		kind = look_in_boot(dir, base, &key);
	if (!key || modid_kernel_problem(key))
		return PATH_OTHER;
	*ret_key = TAKE(key);
	return kind;
}

bool path_dir_matters(const char *dir)
{
	return after(dir, "/usr/src/") || after(dir, "/lib/modules/") ||
	       after(dir, "/usr/lib/modules/") || strcmp(dir, "/boot/") == 0;
}
