/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/pacman/alpmevent.h"

#include <string.h>

#include "hooks/common/itempath.h"
#include "hooks/common/items.h"

#define OUR_HOOK "70-dkms.hook"

/* ---- items ---- */

static bool targets_have(const struct strv *targets, const struct itempath *item)
{
	const char *target;

	STRV_FOREACH (target, targets) {
		AUTO_ITEMPATH struct itempath other = { 0 };

		if (itempath_parse(LAYOUT_PACMAN, target, &other) && other.kind == item->kind &&
		    !strcmp(other.key, item->key))
			return true;
	}
	return false;
}

void alpmevent_add_path(struct event *e, const char *package, const char *version, const char *path,
			const struct strv *targets, alpmevent_on_disk *on_disk)
{
	AUTO_ITEMPATH struct itempath item = { 0 };
	enum event_change change;

	if (!itempath_parse(LAYOUT_PACMAN, path, &item) || item.rank == RANK_HINT ||
	    items_find(e, item.kind, item.key))
		return;
	if (item.kind != OWNED_SOURCE && !on_disk(path)) {
		e->complete[item.kind] = false;
		return;
	}
	change = targets_have(targets, &item) ? EVENT_ADDED : EVENT_PRESENT;
	items_add(e, item.kind, item.key, change, package, version);
}

void alpmevent_add_removed(struct event *e, const struct strv *targets)
{
	const char *target;

	STRV_FOREACH (target, targets) {
		AUTO_ITEMPATH struct itempath item = { 0 };

		/*
		 * If the kind is complete, an item that `e` lacks is in no package.  Otherwise a
		 * package may own the item, though the item's file is not on the disk
		 * (alpmevent_add_path()).
		 */
		if (itempath_parse(LAYOUT_PACMAN, target, &item) && e->complete[item.kind] &&
		    !items_find(e, item.kind, item.key))
			items_add(e, item.kind, item.key, EVENT_REMOVED, NULL, NULL);
	}
}

/* ---- other hooks ---- */

static bool hook_is_generator(const struct alpm_hook *h)
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

static bool hook_matches_path(const struct alpm_hook *h, const char *path, unsigned int operations)
{
	for (size_t i = 0; i < h->n_triggers; i++) {
		if (alpm_trigger_matches(&h->triggers[i], path, operations))
			return true;
	}
	return false;
}

/* Is the item of `path` removed?  An item that `e` lacks counts as removed. */
static bool alpmevent_is_removed(const struct event *e, const struct itempath *path)
{
	const struct event_item *item = items_find(e, path->kind, path->key);

	return !item || item->change == EVENT_REMOVED;
}

/*
 * The file `path` makes a generator's hook run after ours.  Add the kernels whose initramfs that
 * hook makes: all kernels if `path` is of a source, else the kernel of `path`.
 */
static void alpmevent_add_kernels(struct event *e, const struct itempath *path)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct event_item *item = &e->items[i];

		if (item->kind == OWNED_KERNEL && item->change != EVENT_REMOVED &&
		    (path->kind == OWNED_SOURCE || !strcmp(item->key, path->key)) &&
		    !strv_has(&e->initramfs_follows, item->key))
			strv_add(&e->initramfs_follows, item->key);
	}
}

void alpmevent_add_follows(struct event *e, const struct alpm_hooks *hooks,
			   const struct strv *targets)
{
	const char *target;

	STRV_FOREACH (target, targets) {
		AUTO_ITEMPATH struct itempath item = { 0 };
		unsigned int operations;

		if (!itempath_parse(LAYOUT_PACMAN, target, &item))
			continue;
		operations =
			alpmevent_is_removed(e, &item) ? ALPM_REMOVE : ALPM_INSTALL | ALPM_UPGRADE;
		for (size_t i = 0; i < hooks->n; i++) {
			if (hook_is_generator(&hooks->v[i]) &&
			    hook_matches_path(&hooks->v[i], target, operations))
				alpmevent_add_kernels(e, &item);
		}
	}
}

/*
 * Split Exec into words.  Quotes and a shell's ; & | ( ) separate words, too, so that the words of
 * the command in sh -c '...' are found.
 */
static void hook_words(const struct alpm_hook *h, struct strv *ret)
{
	strv_split(ret, h->exec, " \t\"';&|()");
}

static bool hook_runs_script(const struct strv *words, alpmevent_on_disk *on_disk)
{
	/* The script of Arch's dkms package, and its places in older versions and derivatives. */
	static const char *const scripts[] = { "/usr/share/libalpm/scripts/dkms",
					       "/usr/lib/dkms/alpm-hook", "/lib/dkms/alpm-hook" };

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		if (strv_has(words, scripts[i]) && on_disk(scripts[i] + 1))
			return true;
	}
	return false;
}

/*
 * Is it one of the three hooks of Arch's dkms package?  In a derivative such a hook may run another
 * script, so the script is not compared.  It is enough that the hook has one of the names, that its
 * command contains "dkms", and that its program, an absolute path, exists.
 */
static bool hook_is_archs(const struct alpm_hook *h, const struct strv *words,
			  alpmevent_on_disk *on_disk)
{
	static const char *const names[] = { "70-dkms-install.hook", "70-dkms-upgrade.hook",
					     "71-dkms-remove.hook" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(h->name, names[i]))
			return strstr(h->exec, "dkms") && words->n && words->v[0][0] == '/' &&
			       on_disk(words->v[0] + 1);
	}
	return false;
}

static bool hook_runs_dkms(const struct strv *words, alpmevent_on_disk *on_disk)
{
	const char *word;

	STRV_FOREACH (word, words) {
		if (!strcmp(word, "dkms") ||
		    (word[0] == '/' && str_ends(word, "/dkms") && on_disk(word + 1)))
			return true;
	}
	return false;
}

const char *alpmevent_rival(const struct alpm_hooks *hooks, alpmevent_on_disk *on_disk,
			    struct strv *ret_beside)
{
	for (size_t i = 0; i < hooks->n; i++) {
		const struct alpm_hook *h = &hooks->v[i];
		AUTO_STRV struct strv words = STRV_INIT;

		if (!h->exec || !strcmp(h->name, OUR_HOOK))
			continue;
		hook_words(h, &words);
		if (hook_runs_script(&words, on_disk) || hook_is_archs(h, &words, on_disk))
			return h->path;
		if (hook_runs_dkms(&words, on_disk))
			strv_add(ret_beside, h->path);
	}
	return NULL;
}
