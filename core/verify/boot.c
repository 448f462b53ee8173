/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verify/boot.h"

#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"
#include "install/initramfslook.h"
#include "sys/fs.h"
#include "verify/firmware.h"

#define LOADER	 "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f" /* systemd's variables */
#define TEXT_MAX (16 << 20)

static void boot_entry_release(struct boot_entry *e)
{
	free(e->id);
	free(e->title);
	free(e->id_path);
	free(e->title_path);
	free(e->number_path);
	free(e->linux_path);
	free(e->release);
	free(e->options);
}

void boot_release(struct boot *b)
{
	for (size_t i = 0; i < b->n; i++)
		boot_entry_release(&b->v[i]);
	free(b->v);
	free(b->wanted);
	free(b->next);
	*b = (struct boot){ 0 };
}

/* ---- entries ---- */

const char *boot_path_release(const char *path, const struct strv *releases)
{
	const char *release, *found = NULL;

	STRV_FOREACH (release, releases) {
		const char *at = strstr(path, release);
		size_t n = strlen(release);

		/* ".../vmlinuz-K", or ".../TOKEN/K/linux" */
		for (; at; at = strstr(at + 1, release)) {
			if (at > path && (at[-1] == '-' || at[-1] == '/') &&
			    (!at[n] || at[n] == '/') && (!found || n > strlen(found)))
				found = release;
		}
	}
	return found;
}

const struct boot_entry *boot_find(const struct boot *b, const char *wanted)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct boot_entry *e = &b->v[i];

		if (str_equal(e->id_path, wanted) || str_equal(e->title_path, wanted) ||
		    str_equal(e->number_path, wanted) || str_equal(e->id, wanted) ||
		    str_equal(e->title, wanted))
			return e;
	}
	return NULL;
}

/* Append the words of the line, as a shell splits it. */
static void boot_split(const char *line, struct strv *ret)
{
	AUTO_BUF struct buf word = BUF_INIT;
	bool any = false;
	char quote = 0;

	for (;; line++) {
		if (quote && *line == quote) {
			quote = 0;
		} else if (!quote && (*line == '\'' || *line == '"')) {
			quote = *line;
			any = true;
		} else if (!*line || (!quote && strchr(" \t\r", *line))) {
			if (any || word.len)
				strv_add(ret, word.s);
			buf_reset(&word);
			any = false;
			if (!*line)
				return;
		} else {
			line += *line == '\\' && line[1] && quote != '\'';
			buf_addch(&word, *line);
		}
	}
}

/* ---- GRUB ---- */

enum { DEPTH = 8 };

/* Where the reader of a grub.cfg is.  Level 0 is the main menu. */
struct grub {
	struct boot *boot;
	const char *env;
	size_t depth;
	char *ids[DEPTH], *titles[DEPTH]; /* of the open menus */
	size_t numbers[DEPTH];		  /* entries seen so far on each level */
	struct boot_entry entry;	  /* the one that is open */
	bool in_entry;
};

/* The value of NAME in the text of grubenv; NULL: it is not set, or empty.  Caller frees. */
static char *grub_env(const char *env, const char *name)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;
	size_t n = strlen(name);

	strv_split(&lines, env, "\n");
	STRV_FOREACH (line, &lines) {
		if (str_begins(line, name) && line[n] == '=' && line[n + 1])
			return xstrdup(line + n + 1);
	}
	return NULL;
}

/* What follows the words $menuentry_id_option or --id. */
static const char *grub_id(const struct strv *words)
{
	for (size_t i = 0; i + 1 < words->n; i++) {
		if (strcmp(words->v[i], "$menuentry_id_option") == 0 ||
		    strcmp(words->v[i], "--id") == 0)
			return words->v[i + 1];
	}
	return NULL;
}

static char *grub_path(char *const *names, size_t depth, const char *last)
{
	AUTO_BUF struct buf b = BUF_INIT;

	for (size_t i = 0; i < depth; i++)
		buf_addf(&b, "%s>", names[i] ? names[i] : "");
	buf_adds(&b, last ? last : "");
	return buf_detach(&b);
}

static char *grub_number(const struct grub *g)
{
	AUTO_BUF struct buf b = BUF_INIT;

	/* The menus above have been counted already. */
	for (size_t i = 0; i < g->depth; i++)
		buf_addf(&b, "%zu>", g->numbers[i] - 1);
	buf_addf(&b, "%zu", g->numbers[g->depth]);
	return buf_detach(&b);
}

static void grub_begin(struct grub *g, const struct strv *words)
{
	const char *id = grub_id(words);

	if (strcmp(words->v[0], "submenu") == 0) {
		if (g->depth + 1 < DEPTH) {
			g->numbers[g->depth]++;
			g->ids[g->depth] = xstrdup(id);
			g->titles[g->depth++] = xstrdup(words->v[1]);
			g->numbers[g->depth] = 0;
		}
		return;
	}
	g->entry = (struct boot_entry){ .id = xstrdup(id), .title = xstrdup(words->v[1]) };
	g->entry.id_path = id ? grub_path(g->ids, g->depth, id) : NULL;
	g->entry.title_path = grub_path(g->titles, g->depth, words->v[1]);
	g->entry.number_path = grub_number(g);
	g->numbers[g->depth]++;
	g->in_entry = true;
}

/* A line "}" ends the entry or the menu that is open. */
static void grub_end(struct grub *g)
{
	if (g->in_entry) {
		VEC_PUSH(g->boot->v, g->boot->n, g->entry);
		g->entry = (struct boot_entry){ 0 };
		g->in_entry = false;
	} else if (g->depth) {
		g->depth--;
		free(TAKE(g->ids[g->depth]));
		free(TAKE(g->titles[g->depth]));
	}
}

/* "set default=VALUE" */
static void grub_set(struct grub *g, const char *value)
{
	AUTO_FREE char *next = grub_env(g->env, "next_entry"), *saved = NULL;

	if (strstr(value, "next_entry") && !next)
		return;
	if (strstr(value, "saved_entry")) {
		saved = grub_env(g->env, "saved_entry");
		value = saved ? saved : "0";
	}
	free(g->boot->wanted);
	g->boot->wanted = next ? TAKE(next) : xstrdup(value);
}

static void grub_line(struct grub *g, const char *line)
{
	AUTO_STRV struct strv words = STRV_INIT;

	boot_split(line, &words);
	if (!words.n)
		return;
	if (strcmp(words.v[0], "}") == 0) {
		grub_end(g);
	} else if (words.n >= 2 && !g->in_entry &&
		   (strcmp(words.v[0], "menuentry") == 0 || strcmp(words.v[0], "submenu") == 0)) {
		grub_begin(g, &words);
	} else if (words.n >= 2 && strcmp(words.v[0], "set") == 0 &&
		   str_begins(words.v[1], "default=")) {
		grub_set(g, words.v[1] + strlen("default="));
	} else if (words.n >= 2 && g->in_entry && !g->entry.linux_path &&
		   (strcmp(words.v[0], "linux") == 0 || strcmp(words.v[0], "linuxefi") == 0 ||
		    strcmp(words.v[0], "linux16") == 0)) {
		g->entry.linux_path = xstrdup(words.v[1]);
		strv_remove(&words, 0);
		strv_remove(&words, 0);
		g->entry.options = strv_join(&words, " ");
	}
}

void boot_add_grub(const char *cfg, const char *env, struct boot *ret)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	struct grub g = { .boot = ret, .env = env };
	const char *line;

	strv_split(&lines, cfg, "\n");
	STRV_FOREACH (line, &lines)
		grub_line(&g, line);
	boot_entry_release(&g.entry);
	for (size_t i = 0; i < DEPTH; i++) {
		free(g.ids[i]);
		free(g.titles[i]);
	}
}

/* ---- Boot Loader Specification ---- */

void boot_add_bls(const char *id, const char *text, struct boot *ret)
{
	struct boot_entry e = { .id = xstrdup(id) };
	AUTO_STRV struct strv lines = STRV_INIT;
	AUTO_BUF struct buf options = BUF_INIT;
	const char *line;

	strv_split(&lines, text, "\n");
	STRV_FOREACH (line, &lines) {
		size_t n = strcspn(line, " \t");
		const char *value = line + n + strspn(line + n, " \t");

		if (n == 5 && str_begins(line, "title") && !e.title)
			e.title = xstrdup(value);
		if (n == 5 && str_begins(line, "linux") && !e.linux_path)
			e.linux_path = xstrdup(value);
		if (n == 7 && str_begins(line, "options"))
			buf_addf(&options, "%s%s", options.len ? " " : "", value);
	}
	e.options = buf_detach(&options);
	VEC_PUSH(ret->v, ret->n, e);
}

static void boot_read_entries(const struct engine *e, struct boot *ret)
{
	static const char *const folders[] = { "/boot/loader/entries", "/efi/loader/entries",
					       "/boot/efi/loader/entries" };
	const char *file;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_STRV struct strv files = STRV_INIT;

		if (fs_list(&e->root, folders[i], &files) < 0)
			continue;
		STRV_FOREACH (file, &files) {
			AUTO_FREE char *path = xasprintf("%s/%s", folders[i], file);
			AUTO_FREE char *id = xstrndup(file, strlen(file) - 5);
			AUTO_BUF struct buf text = BUF_INIT;

			if (str_ends(file, ".conf") &&
			    fs_read(&e->root, path, TEXT_MAX, &text) == 0)
				boot_add_bls(id, text.s, ret);
		}
	}
}

/*
 * The value of a variable of systemd-boot.  It is UTF-16; the low bytes are enough, because ids are
 * ASCII.  NULL: it is not set.  Caller frees.
 */
static char *boot_variable(const struct engine *e, const char *name)
{
	AUTO_BUF struct buf wide = BUF_INIT, text = BUF_INIT;

	if (firmware_variable(e, name, &wide) < 0)
		return NULL;
	for (size_t i = 0; i + 1 < wide.len && wide.s[i]; i += 2)
		buf_addch(&text, wide.s[i]);
	return text.len ? buf_detach(&text) : NULL;
}

/*
 * The pattern of the entry that systemd-boot starts.  It comes from the variable for the next start
 * only, else from the lasting variable, else from loader.conf.  NULL: not known.  Caller frees.
 */
static char *boot_systemd(const struct engine *e)
{
	static const char *const files[] = { "/boot/loader/loader.conf", "/efi/loader/loader.conf",
					     "/boot/efi/loader/loader.conf" };
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;
	char *set = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (fs_read(&e->root, files[i], TEXT_MAX, &text) == 0)
			break;
		if (i + 1 == ARRAY_SIZE(files))
			return NULL;
	}
	set = boot_variable(e, "LoaderEntryOneShot" LOADER);
	if (!set)
		set = boot_variable(e, "LoaderEntryDefault" LOADER);
	strv_split(&lines, text.s, "\n");
	STRV_FOREACH (line, &lines) {
		if (!set && str_begins(line, "default") && strchr(" \t", line[7]))
			set = xstrdup(line + 7 + strspn(line + 7, " \t"));
	}
	return set;
}

/* The last entry whose id, with or without ".conf", matches the pattern of systemd-boot. */
static const struct boot_entry *boot_match(const struct boot *b, const char *pattern)
{
	for (size_t i = b->n; i-- > 0;) {
		AUTO_FREE char *file = b->v[i].id ? xasprintf("%s.conf", b->v[i].id) : NULL;

		if (file &&
		    (fnmatch(pattern, file, 0) == 0 || fnmatch(pattern, b->v[i].id, 0) == 0))
			return &b->v[i];
	}
	return NULL;
}

/* ---- all of it ---- */

static void boot_read_grub(const struct engine *e, struct boot *ret)
{
	static const char *const folders[] = { "/boot/grub", "/boot/grub2" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_FREE char *cfg = xasprintf("%s/grub.cfg", folders[i]);
		AUTO_FREE char *grubenv = xasprintf("%s/grubenv", folders[i]);
		AUTO_BUF struct buf text = BUF_INIT, env = BUF_INIT;

		if (fs_read(&e->root, cfg, TEXT_MAX, &text) < 0)
			continue;
		if (fs_read(&e->root, grubenv, 1 << 16, &env) < 0)
			buf_reset(&env);
		boot_add_grub(text.s, env.s, ret);
		return;
	}
}

/* Find the kernel of each entry.  On Arch a kernel's file has the name of its package. */
static void boot_name_releases(const struct engine *e, const struct strv *releases,
			       struct boot *ret)
{
	const char *release;

	for (size_t i = 0; i < ret->n; i++) {
		struct boot_entry *entry = &ret->v[i];
		const char *path = entry->linux_path ? entry->linux_path : "";

		entry->release = xstrdup(boot_path_release(path, releases));
		STRV_FOREACH (release, releases) {
			AUTO_FREE char *package = NULL, *file = NULL;

			if (entry->release)
				break;
			package = initramfs_kernel_package(e, release);
			file = package ? xasprintf("/vmlinuz-%s", package) : NULL;
			if (file && str_ends(path, file))
				entry->release = xstrdup(release);
		}
	}
}

void boot_read(const struct engine *e, const struct strv *releases, struct boot *ret)
{
	AUTO_FREE char *pattern = NULL;
	const struct boot_entry *next = NULL;
	const char *release;

	*ret = (struct boot){ 0 };
	boot_read_grub(e, ret);
	boot_read_entries(e, ret);
	boot_name_releases(e, releases, ret);
	pattern = ret->wanted ? NULL : boot_systemd(e);
	if (ret->wanted)
		next = boot_find(ret, ret->wanted);
	else if (pattern)
		next = boot_match(ret, pattern);
	if (next && next->release)
		ret->next = xstrdup(next->release);
	STRV_FOREACH (release, releases) {
		/*
		 * The unified image of a kernel is an entry, too, without a file in loader/entries.
		 */
		if (!ret->next && pattern && initramfs_is_uki_of(pattern, release))
			ret->next = xstrdup(release);
	}
	if (!ret->next && releases->n)
		ret->next = xstrdup(releases->v[0]);
}

/* The values of GRUB_CMDLINE_LINUX and GRUB_CMDLINE_LINUX_DEFAULT. */
static void boot_default_words(const char *text, struct strv *ret)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;

	strv_split(&lines, text, "\n");
	STRV_FOREACH (line, &lines) {
		AUTO_STRV struct strv words = STRV_INIT;

		if (!str_begins(line, "GRUB_CMDLINE_LINUX"))
			continue;
		boot_split(line, &words);
		if (words.n && strchr(words.v[0], '='))
			strv_split(ret, strchr(words.v[0], '=') + 1, " \t");
	}
}

void boot_words(const struct engine *e, const struct boot *b, const char *release, struct strv *ret)
{
	AUTO_BUF struct buf text = BUF_INIT, grub = BUF_INIT;
	const struct boot_entry *entry = b->wanted ? boot_find(b, b->wanted) : NULL;

	for (size_t i = 0; i < b->n && !(entry && str_equal(entry->release, release)); i++)
		entry = &b->v[i];
	if (entry && str_equal(entry->release, release) && entry->options &&
	    !strstr(entry->options, "$kernelopts")) {
		strv_split(ret, entry->options, " \t");
		return;
	}
	if (fs_read(&e->root, "/etc/kernel/cmdline", 1 << 16, &text) < 0)
		buf_reset(&text);
	buf_addch(&text, ' ');
	if (fs_read(&e->root, "/proc/cmdline", 1 << 16, &text) < 0)
		buf_addch(&text, ' ');
	strv_split(ret, text.s, " \t\r\n");
	if (fs_read(&e->root, "/etc/default/grub", 1 << 20, &grub) == 0)
		boot_default_words(grub.s, ret);
}
