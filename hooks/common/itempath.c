/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/common/itempath.h"

#include <string.h>

#include "base/alloc.h"
#include "model/modid.h"

/*
 * A pattern is compared component by component.  A component may have one wildcard: '%' stands for
 * the key, '*' for any text.  If a pattern has two '%', their texts are joined by '-' to one key.
 * /lib/modules also stands for /usr/lib/modules.  The first pattern that matches decides.
 */
struct form {
	const char *pattern;
	enum owned_kind kind;
	enum itempath_rank rank;
	const char *key_has; /* NULL, or the key must contain this */
};

/*
 * Only files that show that the kernel itself is installed stand for a kernel (kernel/kernels.h).
 * modules.order and modules.builtin do not show that: since Debian forky they are in linux-base-K,
 * on which the headers depend.
 */
static const struct form dpkg_forms[] = {
	{ "/lib/modules/%/vmlinuz", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/boot/vmlinuz-%", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/boot/vmlinux-%", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/lib/modules/%/kernel", OWNED_KERNEL, RANK_PLACE, NULL },
	{ "/lib/modules/%/build", OWNED_HEADERS, RANK_PLACE, NULL },
	{ "/usr/src/linux-headers-%/Makefile", OWNED_HEADERS, RANK_IMAGE, NULL },
	/* Headers that several kernels share, e.g. Ubuntu's linux-hwe-6.8-headers-6.8.0-40. */
	{ "/usr/src/linux-%/Makefile", OWNED_HEADERS, RANK_IMAGE, "headers-" },
	{ "/usr/src/%/dkms.conf", OWNED_SOURCE, RANK_PLACE, NULL },
};

static const struct form rpm_forms[] = {
	{ "/lib/modules/%/vmlinuz*", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/lib/modules/%/vmlinux*", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/lib/modules/%/Image*", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/lib/modules/%/image*", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/lib/modules/%/bzImage*", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/lib/modules/%/zImage*", OWNED_KERNEL, RANK_IMAGE, NULL },
	/* Some packages install their image only in /boot. */
	{ "/boot/vmlinuz-%", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/boot/Image-%", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/boot/image-%", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "/boot/zImage-%", OWNED_KERNEL, RANK_IMAGE, NULL },
	/*
	 * The kernel's package may ship this link, so the link does not tell who owns the headers.
	 * It only tells that they may be usable now.
	 */
	{ "/lib/modules/%/build", OWNED_HEADERS, RANK_HINT, NULL },
	{ "/usr/src/kernels/%/Makefile", OWNED_HEADERS, RANK_IMAGE, NULL },
	/* SUSE: linux-VERSION-obj/ARCH/FLAVOUR is for the kernel VERSION-FLAVOUR. */
	{ "/usr/src/linux-%-obj/*/%/Makefile", OWNED_HEADERS, RANK_IMAGE, NULL },
	{ "/usr/src/%/dkms.conf", OWNED_SOURCE, RANK_PLACE, NULL },
};

/*
 * A tree without a packaged pkgbase is no kernel: kernel-modules-hook keeps such trees until the
 * next boot, and nobody wants modules built for them.
 */
static const struct form pacman_forms[] = {
	{ "usr/lib/modules/%/pkgbase", OWNED_KERNEL, RANK_IMAGE, NULL },
	{ "usr/lib/modules/%/vmlinuz", OWNED_KERNEL, RANK_HINT, NULL },
	{ "usr/lib/modules/%/build", OWNED_HEADERS, RANK_PLACE, NULL },
	{ "usr/lib/modules/%/build/Makefile", OWNED_HEADERS, RANK_IMAGE, NULL },
	{ "usr/lib/modules/%/build/include/", OWNED_HEADERS, RANK_HINT, NULL },
	{ "usr/src/%/dkms.conf", OWNED_SOURCE, RANK_PLACE, NULL },
};

static const struct layout {
	const struct form *forms;
	size_t n;
	bool checks_key;
} layouts[] = {
	[LAYOUT_DPKG] = { dpkg_forms, ARRAY_SIZE(dpkg_forms), true },
	[LAYOUT_RPM] = { rpm_forms, ARRAY_SIZE(rpm_forms), true },
	[LAYOUT_PACMAN] = { pacman_forms, ARRAY_SIZE(pacman_forms), false },
};

/* The parts of a path for which the '%' in a pattern stand.  Borrowed from the path. */
struct keys {
	const char *s[2];
	size_t len[2];
	size_t n;
};

static bool form_component_matches(const char *pattern, size_t pattern_len, const char *s,
				   size_t len, struct keys *keys)
{
	size_t before = strcspn(pattern, "%*/"), after;

	if (before == pattern_len)
		return len == pattern_len && memcmp(pattern, s, len) == 0;
	after = pattern_len - before - 1;
	if (len < before + after || memcmp(pattern, s, before) != 0 ||
	    memcmp(pattern + before + 1, s + len - after, after) != 0)
		return false;
	if (pattern[before] == '%') {
		keys->s[keys->n] = s + before;
		keys->len[keys->n++] = len - before - after;
	}
	return true;
}

static bool form_matches(const char *pattern, const char *path, struct keys *ret)
{
	ret->n = 0;
	for (;;) {
		size_t pattern_len = strcspn(pattern, "/"), len = strcspn(path, "/");

		if (!form_component_matches(pattern, pattern_len, path, len, ret))
			return false;
		pattern += pattern_len;
		path += len;
		if (!*pattern || !*path)
			return *pattern == *path;
		pattern++;
		path++;
	}
}

/* Join one or two parts of a key with '-'.  NULL: one of them is empty.  Caller frees. */
static char *keys_join(const struct keys *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->len[i] == 0)
			return NULL;
	}
	if (keys->n == 1)
		return xstrndup(keys->s[0], keys->len[0]);
	return xasprintf("%.*s-%.*s", (int)keys->len[0], keys->s[0], (int)keys->len[1], keys->s[1]);
}

/* The form of the path; NULL: none.  *ret_key becomes NULL if the key in the path is empty. */
static const struct form *layout_find_form(const struct layout *layout, const char *path,
					   char **ret_key)
{
	struct keys keys;

	for (size_t i = 0; i < layout->n; i++) {
		const struct form *form = &layout->forms[i];
		AUTO_FREE char *key = NULL;

		if (!form_matches(form->pattern, path, &keys))
			continue;
		key = keys_join(&keys);
		if (form->key_has && !(key && strstr(key, form->key_has)))
			continue;
		*ret_key = TAKE(key);
		return form;
	}
	return NULL;
}

void itempath_release(struct itempath *item)
{
	free(item->key);
	item->key = NULL;
}

bool itempath_parse(enum itempath_layout layout, const char *path, struct itempath *ret)
{
	static const char usr_lib[] = "/usr/lib/";
	AUTO_FREE char *key = NULL;
	const struct form *form;

	if (!itempath_may_matter(path))
		return false;
	if (strncmp(path, usr_lib, strlen(usr_lib)) == 0)
		path += strlen("/usr");
	form = layout_find_form(&layouts[layout], path, &key);
	if (!key || (layouts[layout].checks_key && modid_kernel_problem(key)))
		return false;
	*ret = (struct itempath){ form->kind, form->rank, TAKE(key) };
	return true;
}

static bool itempath_may_matter_in_usr(const char *path)
{
	/* Most files are in /usr/share, and the two letters "sh" rule them out. */
	if (path[0] == 's' && path[1] == 'r')
		return strncmp(path, "src/", 4) == 0;
	return path[0] == 'l' && path[1] == 'i' && strncmp(path, "lib/modules/", 12) == 0;
}

/* This must be fast, because it is called for each file of each package. */
bool itempath_may_matter(const char *path)
{
	if (path[0] == '/')
		path++;
	switch (path[0]) {
	case 'b': return strncmp(path, "boot/", 5) == 0 && !strchr(path + 5, '/');
	case 'l': return strncmp(path, "lib/modules/", 12) == 0;
	case 'u': return strncmp(path, "usr/", 4) == 0 && itempath_may_matter_in_usr(path + 4);
	default: return false;
	}
}
