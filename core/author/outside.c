/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/outside.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/path.h"

struct outside_search {
	const char *own;
	outside_fn tell;
	void *data;
};

/*
 * Programs.  A program with `verbs` counts only if its first argument without a leading '-' is one
 * of them.
 */
static const struct outside_program {
	const char *name;
	enum outside_kind kind;
	const char *verbs; /* NULL: any */
} outside_programs[] = {
	{ "curl", OUTSIDE_NETWORK, NULL },
	{ "wget", OUTSIDE_NETWORK, NULL },
	{ "aria2c", OUTSIDE_NETWORK, NULL },
	{ "ssh", OUTSIDE_NETWORK, NULL },
	{ "scp", OUTSIDE_NETWORK, NULL },
	{ "git", OUTSIDE_NETWORK, " clone fetch pull submodule ls-remote " },
	{ "svn", OUTSIDE_NETWORK, " checkout co export update up " },
	{ "hg", OUTSIDE_NETWORK, " clone pull " },
	{ "pip", OUTSIDE_NETWORK, " install download " },
	{ "pip3", OUTSIDE_NETWORK, " install download " },
	{ "npm", OUTSIDE_NETWORK, " install ci " },
	{ "cargo", OUTSIDE_NETWORK, " build fetch install update " },
	{ "go", OUTSIDE_NETWORK, " get " },
	{ "sudo", OUTSIDE_ROOT, NULL },
	{ "su", OUTSIDE_ROOT, NULL },
	{ "doas", OUTSIDE_ROOT, NULL },
	{ "pkexec", OUTSIDE_ROOT, NULL },
	{ "insmod", OUTSIDE_ROOT, NULL },
	{ "rmmod", OUTSIDE_ROOT, NULL },
	{ "modprobe", OUTSIDE_ROOT, NULL },
	{ "apt", OUTSIDE_ROOT, " install update upgrade build-dep " },
	{ "apt-get", OUTSIDE_ROOT, " install update upgrade build-dep " },
	{ "dnf", OUTSIDE_ROOT, " install update upgrade builddep " },
	{ "yum", OUTSIDE_ROOT, " install update upgrade " },
	{ "zypper", OUTSIDE_ROOT, " install in update up " },
	{ "systemctl", OUTSIDE_ROOT, " start stop restart enable disable daemon-reload " },
	{ "depmod", OUTSIDE_WRITE, NULL },
	{ "ldconfig", OUTSIDE_WRITE, NULL },
	{ "update-initramfs", OUTSIDE_WRITE, NULL },
};

/* Programs that write to paths of their command line: to the last one, or to each. */
static const struct outside_writer {
	const char *name;
	bool last;
} outside_writers[] = {
	{ "cp", true },	    { "mv", false },	{ "ln", true },	    { "install", true },
	{ "rsync", true },  { "mkdir", false }, { "rm", false },    { "rmdir", false },
	{ "touch", false }, { "tee", false },	{ "chown", false }, { "chmod", false },
};

static const char *outside_basename(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

static bool outside_has(const struct shell_command *c, size_t from, const char *word)
{
	for (size_t i = from; i < c->words.n; i++) {
		if (!strcmp(c->words.v[i], word))
			return true;
	}
	return false;
}

/* Is the first word without a leading '-' one of the verbs? */
static bool outside_is_verb(const struct shell_command *c, size_t from, const char *verbs)
{
	for (size_t i = from; i < c->words.n; i++) {
		AUTO_FREE char *verb = xasprintf(" %s ", c->words.v[i]);

		if (*c->words.v[i] != '-')
			return strstr(verbs, verb) != NULL;
	}
	return false;
}

/* ---- paths ---- */

/* Skip variables that are empty unless somebody installs into a folder of his own. */
static const char *outside_path(const char *word)
{
	static const char *const empty[] = { "$(DESTDIR)", "${DESTDIR}", "$DESTDIR",
					     "$(INSTALL_MOD_PATH)", "${INSTALL_MOD_PATH}" };

	for (size_t i = 0; i < ARRAY_SIZE(empty); i++) {
		if (str_begins(word, empty[i]))
			return word + strlen(empty[i]);
	}
	return word;
}

/* The path's folder if a build cannot write there; NULL if it can, or if that is not known. */
static char *outside_folder(const struct outside_search *o, const char *word)
{
	static const char *const allowed[] = { "/tmp", "/var/tmp", "/dev", "/proc/self" };
	const char *path = outside_path(word);
	size_t n = strcspn(path, "$*?[{");

	if (*path != '/' || path[1] == '/')
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(allowed) + 1; i++) {
		const char *a = i < ARRAY_SIZE(allowed) ? allowed[i] : o->own;
		size_t len = strlen(a);

		if (!strncmp(path, a, len) && (path[len] == '/' || path[len] == '\0'))
			return NULL;
	}
	if (n < 2)
		return NULL;
	for (size_t end = n; end > 1; end--) {
		if (path[end - 1] == '/')
			return xstrndup(path, end - 1);
	}
	return xstrndup(path, n);
}

/*
 * The first folder to which the program writes and a build cannot; NULL: there is none.  With
 * `last`, the program writes only to its last word, or to the folder that -t names.
 */
static char *outside_written(const struct outside_search *o, const struct shell_command *c,
			     size_t program, bool last)
{
	static const char target[] = "--target-directory=";
	const char *word = NULL;

	for (size_t i = program + 1; i < c->words.n; i++) {
		const char *w = c->words.v[i];
		char *folder;

		if (last && !strcmp(w, "-t") && i + 1 < c->words.n)
			return outside_folder(o, c->words.v[i + 1]);
		if (last && str_begins(w, target))
			return outside_folder(o, w + strlen(target));
		if (*w != '-')
			word = w;
		folder = last || *w == '-' ? NULL : outside_folder(o, w);
		if (folder)
			return folder;
	}
	return last && word ? outside_folder(o, word) : NULL;
}

/* ---- one command ---- */

static void outside_tell(const struct outside_search *o, const struct shell_command *c,
			 enum outside_kind kind, const char *program, const char *folder)
{
	o->tell(&(struct outside){ kind, program, folder }, c->line, o->data);
}

static bool outside_is_make(const char *word)
{
	return !strcmp(word, "make") || !strcmp(word, "$(MAKE)") || !strcmp(word, "${MAKE}");
}

/* modules_install is taken for harmless if INSTALL_MOD_PATH is set, whatever it is. */
static void outside_make(const struct outside_search *o, const struct shell_command *c)
{
	const char *word;

	STRV_FOREACH (word, &c->words) {
		if (str_begins(word, "INSTALL_MOD_PATH="))
			return;
	}
	if (outside_has(c, 0, "modules_install"))
		outside_tell(o, c, OUTSIDE_WRITE, "make modules_install", NULL);
}

static void outside_listed(const struct outside_search *o, const struct shell_command *c,
			   size_t program, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(outside_programs); i++) {
		const struct outside_program *p = &outside_programs[i];

		if (strcmp(p->name, name) != 0)
			continue;
		if (p->verbs && !outside_is_verb(c, program + 1, p->verbs))
			continue;
		/* With one of these options, cargo and npm need no network. */
		if (p->kind == OUTSIDE_NETWORK &&
		    (outside_has(c, program, "--offline") || outside_has(c, program, "--frozen")))
			continue;
		outside_tell(o, c, p->kind, p->name, NULL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(outside_writers); i++) {
		const struct outside_writer *w = &outside_writers[i];
		AUTO_FREE char *folder =
			strcmp(w->name, name) == 0 ? outside_written(o, c, program, w->last) : NULL;

		if (folder)
			outside_tell(o, c, OUTSIDE_WRITE, w->name, folder);
	}
}

static void outside_command(const struct shell_command *c, void *data)
{
	const struct outside_search *o = data;
	size_t program = shelltext_program(c);
	const char *file;

	STRV_FOREACH (file, &c->written) {
		AUTO_FREE char *folder = outside_folder(o, file);

		if (folder)
			outside_tell(o, c, OUTSIDE_WRITE, ">", folder);
	}
	if (program >= c->words.n)
		return;
	if (outside_is_make(c->words.v[program]))
		outside_make(o, c);
	else
		outside_listed(o, c, program, outside_basename(c->words.v[program]));
}

void outside_find(const char *text, const char *own, outside_fn tell, void *data)
{
	struct outside_search o = { own, tell, data };

	shelltext_commands(text, outside_command, &o);
}
