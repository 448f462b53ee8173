/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/initramfsconf.h"

#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"
#include "module/kerneltree.h"
#include "sys/fs.h"

#define MAX_FILE (1 << 20)

/* ---- words ---- */

/*
 * The characters between words in shell, YAML and lists.  "-" is not among them, because module
 * names contain it.  "?" is among them, because it may follow a name in mkinitcpio's MODULES.
 */
static const char seps[] = " \t\r\"'`()+,:;[]{}<>|&$?=";

struct conf_word {
	const char *line, *s;
	size_t before, len; /* bytes of the line before the word; bytes of the word */
};
typedef bool (*conf_word_fn)(const struct conf_word *w, void *data);

/* Does the line name what dracut leaves out (e.g. omit_drivers)? */
static bool conf_line_omits(const char *line)
{
	return strncmp(line + strspn(line, " \t"), "omit_", 5) == 0;
}

static bool conf_line_has(const char *line, size_t len, conf_word_fn fn, void *data)
{
	for (size_t at = 0; at < len;) {
		size_t n = strcspn(line + at, seps);
		struct conf_word w = { line, line + at, at, n > len - at ? len - at : n };

		if (w.len && fn(&w, data))
			return true;
		at += w.len + 1;
	}
	return false;
}

/* Call `fn` for each word of the text until it returns true.  Returns false if it never does. */
static bool conf_text_has(const char *text, conf_word_fn fn, void *data)
{
	while (*text) {
		size_t line = strcspn(text, "\n"), code = strcspn(text, "#\n");

		if (!conf_line_omits(text) && conf_line_has(text, code, fn, data))
			return true;
		text += line + (text[line] == '\n');
	}
	return false;
}

/* ---- names ---- */

struct conf_names {
	const struct strv *names;
	bool globs; /* "*" in a word stands for any text */
	const char *found;
};

/*
 * The module that a word such as "foo", "foo.ko.xz" or "/some/where/foo.ko" names; NULL: none.
 * Caller frees.
 */
static char *conf_word_module(const struct conf_word *w)
{
	AUTO_FREE char *word = xstrndup(w->s, w->len);
	const char *slash = strrchr(word, '/'), *base = slash ? slash + 1 : word;
	AUTO_FREE char *file = kerneltree_suffix(base) ? xstrdup(base)
			       : slash		       ? NULL
						       : xasprintf("%s.ko", base);

	return file ? kerneltree_module_name(file) : NULL;
}

/*
 * Does the word name one of the modules?  "-" and "_" count as the same character, as for the
 * loader.
 */
static bool conf_word_names(const struct conf_word *w, void *data)
{
	struct conf_names *n = data;
	AUTO_FREE char *pattern = conf_word_module(w);
	const char *name;

	if (!pattern)
		return false;
	STRV_FOREACH (name, n->names) {
		AUTO_FREE char *file = xasprintf("%s.ko", name);
		AUTO_FREE char *module = kerneltree_module_name(file);

		if (module && (strcmp(pattern, module) == 0 ||
			       (n->globs && fnmatch(pattern, module, FNM_NOESCAPE) == 0))) {
			n->found = name;
			return true;
		}
	}
	return false;
}

const char *initramfs_config_names(const char *text, const struct strv *names)
{
	struct conf_names n = { names, false, NULL };

	return conf_text_has(text, conf_word_names, &n) ? n.found : NULL;
}

/* ---- folders ---- */

/* Does the word name a folder, because "copy_modules_dir" or a "=" precedes it? */
static bool conf_word_is_folder(const struct conf_word *w)
{
	static const char command[] = "copy_modules_dir";
	size_t n = w->before;

	if (n && w->line[n - 1] == '=')
		return n == 1 || strchr(" \t\"'", w->line[n - 2]);
	while (n && strchr(" \t\"'", w->line[n - 1]))
		n--;
	return n >= strlen(command) &&
	       strncmp(w->line + n - strlen(command), command, strlen(command)) == 0;
}

/*
 * Does the line of a dracut script ask for only some modules of a folder?  -s selects them by
 * symbols, -P by names.
 */
static bool conf_line_is_filtered(const char *line)
{
	size_t len = strcspn(line, "\n");

	return memmem(line, len, " -s ", 4) || memmem(line, len, " -P ", 4);
}

static bool conf_word_has_path(const struct conf_word *w, void *data)
{
	AUTO_FREE char *path = xasprintf("/%s", (const char *)data);
	AUTO_FREE char *folder = NULL;
	size_t begin = 0, len = w->len;

	if (!conf_word_is_folder(w) && !memchr(w->s, '/', w->len))
		return false;
	while (begin < len && w->s[begin] == '/')
		begin++;
	while (len > begin && w->s[len - 1] == '/')
		len--;
	if (begin == len || conf_line_is_filtered(w->line))
		return false;
	folder = xasprintf("/%.*s/", (int)(len - begin), w->s + begin);
	return strstr(path, folder) != NULL;
}

bool initramfs_config_has_folder(const char *text, const char *path)
{
	return conf_text_has(text, conf_word_has_path, (void *)path);
}

/* ---- files ---- */

/* Which files are read for a path of the tables below. */
enum conf_how {
	HOW_FILE,    /* the file at that path */
	HOW_CONFS,   /* *.conf in the folder */
	HOW_LISTS,   /* each file in the folder */
	HOW_SCRIPTS, /* each program in the folder, if it adds modules */
	HOW_SETUPS,  /* each FOLDER/module-setup.sh in the folder, if it adds modules */
	HOW_HOOKS,   /* each script that the configuration names, if it adds modules */
};

struct conf_place {
	const char *path;
	enum conf_how how;
};

static const struct conf_place tools_places[] = {
	{ "/etc/initramfs-tools/modules", HOW_FILE },
	{ "/usr/share/initramfs-tools/modules.d", HOW_LISTS },
	{ "/etc/initramfs-tools/hooks", HOW_SCRIPTS },
	{ "/usr/share/initramfs-tools/hooks", HOW_SCRIPTS },
	{ NULL, HOW_FILE },
};
static const struct conf_place dracut_places[] = {
	{ "/etc/dracut.conf", HOW_FILE },
	{ "/etc/dracut.conf.d", HOW_CONFS },
	{ "/usr/lib/dracut/dracut.conf.d", HOW_CONFS },
	{ "/usr/lib/dracut/modules.d", HOW_SETUPS },
	{ NULL, HOW_FILE },
};
/* conf_search_preset() reads the kernel's preset before these files. */
static const struct conf_place mkinitcpio_places[] = {
	{ "/etc/mkinitcpio.conf", HOW_FILE },
	{ "/etc/mkinitcpio.conf.d", HOW_CONFS },
	{ "/etc/initcpio/install", HOW_HOOKS },
	{ "/usr/lib/initcpio/install", HOW_HOOKS },
	{ NULL, HOW_FILE },
};
static const struct conf_place booster_places[] = {
	{ "/etc/booster.yaml", HOW_FILE },
	{ NULL, HOW_FILE },
};

static const struct conf_place *conf_places(enum initramfs_kind generator)
{
	switch (generator) {
	case INITRAMFS_NONE:
	case INITRAMFS_KERNEL_INSTALL: break; /* initramfs_generator() never returns this */
	case INITRAMFS_TOOLS: return tools_places;
	case INITRAMFS_DRACUT: return dracut_places;
	case INITRAMFS_MKINITCPIO: return mkinitcpio_places;
	case INITRAMFS_BOOSTER: return booster_places;
	}
	return NULL;
}

struct conf_search {
	struct engine *e;
	const char *release;
	const struct strv *names;
	bool globs;
	struct kerneltree_files files; /* the files of `names`, if has_files is set */
	bool has_files;
	struct buf text; /* text of the files read so far that can name mkinitcpio hooks */
	const char *found;
};

static void conf_search_folders(struct conf_search *s, const char *text)
{
	AUTO_FREE char *tree = engine_modules(s->e, "%s/", s->release);

	if (!strchr(text, '/') && !strchr(text, '=') && !strstr(text, "copy_modules_dir"))
		return;
	if (!s->has_files && kerneltree_find(s->e, s->release, s->names, &s->files) < 0)
		return;
	s->has_files = true;
	for (size_t i = 0; i < s->files.n && !s->found; i++) {
		const char *path = s->files.v[i].path;

		if (strncmp(path, tree, strlen(tree)) == 0 &&
		    initramfs_config_has_folder(text, path + strlen(tree)))
			s->found = s->files.v[i].name;
	}
}

static void conf_search_text(struct conf_search *s, const char *text)
{
	struct conf_names n = { s->names, s->globs, NULL };

	if (conf_text_has(text, conf_word_names, &n))
		s->found = n.found;
	else
		conf_search_folders(s, text);
}

static bool conf_adds_modules(const char *text)
{
	static const char *const commands[] = {
		"manual_add_modules", "force_load",
		"copy_modules_dir",   "add_modules_from_file",
		"instmods",	      "add_module",
		"add_all_modules",    "add_checked_modules",
		"MODULES+=",	      "add_full_dir_modules",
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strstr(text, commands[i]))
			return true;
	}
	return false;
}

static void conf_search_script(struct conf_search *s, const char *path)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (fs_read(&s->e->root, path, MAX_FILE, &b) == 0 && conf_adds_modules(b.s))
		conf_search_text(s, b.s);
}

static void conf_search_file(struct conf_search *s, const char *path)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (fs_read(&s->e->root, path, MAX_FILE, &b) < 0)
		return;
	buf_addf(&s->text, "%s\n", b.s);
	conf_search_text(s, b.s);
}

static bool conf_is_program(const struct engine *e, const char *path)
{
	struct stat st;

	return fs_stat(&e->root, path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

static void conf_search_entry(struct conf_search *s, const struct conf_place *p, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", p->path, name);
	AUTO_FREE char *setup = xasprintf("%s/module-setup.sh", path);
	AUTO_STRV struct strv names = STRV_INIT;
	size_t len = strlen(name);

	switch (p->how) {
	case HOW_FILE: break;
	case HOW_LISTS: conf_search_file(s, path); break;
	case HOW_CONFS:
		if (len > 5 && strcmp(name + len - 5, ".conf") == 0)
			conf_search_file(s, path);
		break;
	case HOW_SCRIPTS:
		if (conf_is_program(s->e, path))
			conf_search_script(s, path);
		break;
	case HOW_SETUPS: conf_search_script(s, setup); break;
	case HOW_HOOKS:
		strv_add(&names, name);
		if (initramfs_config_names(s->text.s, &names))
			conf_search_script(s, path);
		break;
	}
}

static void conf_search_place(struct conf_search *s, const struct conf_place *p)
{
	AUTO_STRV struct strv names = STRV_INIT;
	const char *name;

	if (p->how == HOW_FILE) {
		conf_search_file(s, p->path);
		return;
	}
	if (fs_list(&s->e->root, p->path, &names) < 0)
		return;
	STRV_FOREACH (name, &names) {
		if (s->found)
			return;
		conf_search_entry(s, p, name);
	}
}

/* Read the kernel's mkinitcpio preset, which may name more hooks (-A) and other configurations. */
static void conf_search_preset(struct conf_search *s)
{
	AUTO_FREE char *package = initramfs_kernel_package(s->e, s->release);
	AUTO_FREE char *path =
		xasprintf("/etc/mkinitcpio.d/%s.preset", package ? package : "linux");
	AUTO_STRV struct strv words = STRV_INIT;
	AUTO_BUF struct buf b = BUF_INIT;
	const char *word;

	if (fs_read(&s->e->root, path, MAX_FILE, &b) < 0)
		return;
	buf_addf(&s->text, "%s\n", b.s);
	strv_split(&words, b.s, " \t\n\"'()=");
	STRV_FOREACH (word, &words) {
		size_t len = strlen(word);

		if (word[0] == '/' && len > 5 && strcmp(word + len - 5, ".conf") == 0 && !s->found)
			conf_search_file(s, word);
	}
}

bool initramfs_configured(struct engine *e, enum initramfs_kind kind, const char *release,
			  const struct strv *names, char **ret_name)
{
	enum initramfs_kind generator = initramfs_generator(e, kind);
	struct conf_search s = { .e = e, .release = release, .names = names, .text = BUF_INIT };
	const struct conf_place *p = conf_places(generator);

	s.globs = generator == INITRAMFS_BOOSTER;
	if (generator == INITRAMFS_MKINITCPIO)
		conf_search_preset(&s);
	for (; p && p->path && !s.found; p++)
		conf_search_place(&s, p);
	if (s.found)
		*ret_name = xstrdup(s.found);
	kerneltree_files_release(&s.files);
	buf_release(&s.text);
	return s.found != NULL;
}
