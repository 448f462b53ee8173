/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "items.h"

#include <string.h>

#include "base/alloc.h"

#define OUR_HOOK "70-dkms.hook"

/* ---- paths ---- */

static const struct form {
	const char *before, *after;
	enum owned_kind kind;
	bool target_only;
} forms[] = {
	{ "usr/lib/modules/", "/pkgbase", OWNED_KERNEL, false },
	{ "usr/lib/modules/", "/vmlinuz", OWNED_KERNEL, true },
	{ "usr/lib/modules/", "/build", OWNED_HEADERS, false },
	{ "usr/lib/modules/", "/build/Makefile", OWNED_HEADERS, false },
	{ "usr/lib/modules/", "/build/include/", OWNED_HEADERS, true },
	{ "usr/src/", "/dkms.conf", OWNED_SOURCE, false },
};

/* The one component between before and after; NULL: the path has another form. */
static char *between(const char *path, const struct form *f)
{
	size_t before = strlen(f->before), len;

	if (strncmp(path, f->before, before) != 0)
		return NULL;
	len = strcspn(path + before, "/");
	if (!len || strcmp(path + before + len, f->after) != 0)
		return NULL;
	return xstrndup(path + before, len);
}

static bool match(const char *path, bool target, enum owned_kind *ret_kind, char **ret_key)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char *key = forms[i].target_only && !target ? NULL : between(path, &forms[i]);

		if (!key)
			continue;
		*ret_kind = forms[i].kind;
		*ret_key = key;
		return true;
	}
	return false;
}

bool items_of_path(const char *path, enum owned_kind *ret_kind, char **ret_key)
{
	return match(path, false, ret_kind, ret_key);
}

bool items_of_target(const char *path, enum owned_kind *ret_kind, char **ret_key)
{
	return match(path, true, ret_kind, ret_key);
}

/* ---- items ---- */

static bool has_item(const struct event *e, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->items[i].kind == kind && !strcmp(e->items[i].key, key))
			return true;
	}
	return false;
}

static bool is_touched(const struct strv *targets, enum owned_kind kind, const char *key)
{
	const char *target;

	STRV_FOREACH (target, targets) {
		AUTO_FREE char *other = NULL;
		enum owned_kind other_kind;

		if (items_of_target(target, &other_kind, &other) && other_kind == kind &&
		    !strcmp(other, key))
			return true;
	}
	return false;
}

static void add(struct event *e, enum owned_kind kind, char *key, enum event_change change,
		const char *package, const char *version)
{
	struct event_item item = {
		.kind = kind,
		.key = key,
		.change = change,
		.package = xstrdup(package),
		.version = xstrdup(version),
	};

	VEC_PUSH(e->items, e->n, item);
}

void items_add_path(struct event *e, const char *package, const char *version, const char *path,
		    const struct strv *targets, items_on_disk *on_disk)
{
	AUTO_FREE char *key = NULL;
	enum owned_kind kind;
	bool touched;

	if (!items_of_path(path, &kind, &key) || has_item(e, kind, key))
		return;
	if (kind != OWNED_SOURCE && !on_disk(path)) {
		e->complete[kind] = false;
		return;
	}
	touched = is_touched(targets, kind, key);
	add(e, kind, TAKE(key), touched ? EVENT_ADDED : EVENT_PRESENT, package, version);
}

void items_add_removed(struct event *e, const struct strv *targets)
{
	const char *target;

	STRV_FOREACH (target, targets) {
		AUTO_FREE char *key = NULL;
		enum owned_kind kind;

		/* Of an incomplete kind it is not known whether a package still ships it. */
		if (items_of_target(target, &kind, &key) && e->complete[kind] &&
		    !has_item(e, kind, key))
			add(e, kind, TAKE(key), EVENT_REMOVED, NULL, NULL);
	}
}

static int by_kind_and_key(const void *a, const void *b)
{
	const struct event_item *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->key, y->key);
}

void items_sort(struct event *e)
{
	if (e->n)
		qsort(e->items, e->n, sizeof(*e->items), by_kind_and_key);
}

/* ---- other hooks ---- */

static bool is_generator(const struct alpm_hook *h)
{
	static const char *const words[] = { "mkinitcpio", "dracut", "booster" };

	if (!h->post || !h->exec || strcmp(h->name, OUR_HOOK) <= 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strstr(h->exec, words[i]))
			return true;
	}
	return false;
}

static bool hook_matches(const struct alpm_hook *h, const char *path, unsigned int operations)
{
	for (size_t i = 0; i < h->n_triggers; i++) {
		if (alpm_trigger_matches(&h->triggers[i], path, operations))
			return true;
	}
	return false;
}

/* What is listed nowhere any more is, too. */
static bool is_removed(const struct event *e, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->items[i].kind == kind && !strcmp(e->items[i].key, key))
			return e->items[i].change == EVENT_REMOVED;
	}
	return true;
}

/* A kernel's own path makes its image, any other path those of all kernels. */
static void follow(struct event *e, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct event_item *item = &e->items[i];

		if (item->kind == OWNED_KERNEL && item->change != EVENT_REMOVED &&
		    (kind == OWNED_SOURCE || !strcmp(item->key, key)) &&
		    !strv_has(&e->initramfs_follows, item->key))
			strv_add(&e->initramfs_follows, item->key);
	}
}

void items_add_follows(struct event *e, const struct alpm_hooks *hooks, const struct strv *targets)
{
	const char *target;

	STRV_FOREACH (target, targets) {
		AUTO_FREE char *key = NULL;
		enum owned_kind kind;
		unsigned int operations;

		if (!items_of_target(target, &kind, &key))
			continue;
		operations = is_removed(e, kind, key) ? ALPM_REMOVE : ALPM_INSTALL | ALPM_UPGRADE;
		for (size_t i = 0; i < hooks->n; i++) {
			if (is_generator(&hooks->v[i]) &&
			    hook_matches(&hooks->v[i], target, operations))
				follow(e, kind, key);
		}
	}
}

const char *items_rival(const struct alpm_hooks *hooks)
{
	for (size_t i = 0; i < hooks->n; i++) {
		if (strcmp(hooks->v[i].name, OUR_HOOK) != 0 && strstr(hooks->v[i].name, "dkms") &&
		    hooks->v[i].exec && strstr(hooks->v[i].exec, "dkms"))
			return hooks->v[i].path;
	}
	return NULL;
}
