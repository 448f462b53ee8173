/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Makefiles build, and for which kernel, as far as their text tells. */
#include <ctype.h>

#include "author/lintsource.h"
#include "base/alloc.h"

static const char uname_cure[] =
	"Leave MAKE out, which builds with the target's kernel tree, or hand the kernel over: "
	"MAKE=\"make -C ${kernel_source_dir} M=${dkms_tree}/${PACKAGE_NAME}/${PACKAGE_VERSION}/build "
	"modules\"";

/* Does the directive MAKE set the variable for make?  `data` is the struct lint_source. */
static bool lint_is_given(const char *variable, void *data)
{
	const char *make = lint_value(data, "MAKE", 0);
	size_t n = strlen(variable);

	/* dkms adds KERNELRELEASE= to a MAKE that begins with "make". */
	if (!strcmp(variable, "KERNELRELEASE") && str_begins(make, "make"))
		return true;
	for (const char *s = strstr(make, variable); s; s = strstr(s + n, variable)) {
		if (s[n] == '=' && (s == make || isspace((unsigned char)s[-1])))
			return true;
	}
	return false;
}

char *lint_entry(const struct lint_source *s)
{
	AUTO_STRV struct strv words = STRV_INIT;
	char *folder = xstrdup("");

	strv_split(&words, lint_value(s, "MAKE", 0), " \t");
	for (size_t i = 0; i < words.n; i++) {
		const char *word = words.v[i];

		if ((i == 0 && strcmp(word, "make") != 0) || str_begins(word, "M=") ||
		    str_begins(word, "SUBDIRS=")) {
			free(folder);
			return NULL;
		}
		if (str_begins(word, "-C")) {
			const char *to = word[2] || i + 1 >= words.n ? word + 2 : words.v[i + 1];
			size_t n;

			to += str_begins(to, "./") ? 2 : 0;
			n = strlen(to);
			free(folder);
			folder = xstrndup(to, n && to[n - 1] == '/' ? n - 1 : n);
		}
	}
	if (words.n && *folder != '/')
		return folder;
	free(folder);
	return NULL;
}

/*
 * Does dkms set the variable in the environment of MAKE (childenv_build())?  `names` has only
 * the variables from which a Makefile may take the kernel or the module package.
 */
static bool lint_is_set_by_dkms(const char *variable)
{
	static const char *const names[] = { "kernelver", "KERNELVERSION", "arch", "module",
					     "module_version" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i], variable))
			return true;
	}
	return false;
}

bool lint_is_in(const struct lint_makefile *f, const char *rel)
{
	const char *slash = strrchr(f->path, '/');
	size_t n = slash ? (size_t)(slash - f->path) : 0;

	return strlen(rel) == n && !strncmp(f->path, rel, n);
}

/*
 * For a person who types "make", a Makefile that asks for the running kernel is right.  In a build
 * of dkms it is wrong in two cases:
 *   - make reads this Makefile first (lint_entry()), and the line takes effect.  A line that sets
 *     a variable has no effect if MAKE sets the variable, or if nothing uses the variable.  A line
 *     with "?=" has no effect either if the environment sets the variable.
 *   - kbuild reads the line.  A guarded Makefile hides such lines from kbuild.  Lines that set a
 *     variable and commands of rules are not reported here.
 */
static void lint_uname(struct lint_source *s, const struct lint_makefile *f)
{
	AUTO_FREE char *entry = lint_entry(s);
	bool enters = entry && lint_is_in(f, entry);

	for (size_t i = 0; i < f->m.n_unames; i++) {
		const struct makefile_uname *u = &f->m.unames[i];

		if (u->variable && (lint_is_given(u->variable, s) ||
				    (u->weak && lint_is_set_by_dkms(u->variable)) ||
				    !makefile_reaches(&f->m, u->variable, lint_is_given, s)))
			continue;
		if (enters)
			lint_add(s->ret, LINT_WARNING, "uname", f->path, u->line, uname_cure,
				 "asks uname -r: a build for another kernel gets modules for the "
				 "running one");
		else if (!f->m.guarded && !u->variable && !u->recipe)
			lint_add(s->ret, LINT_WARNING, "uname", f->path, u->line,
				 "Inside kbuild, $(KERNELRELEASE) is the target.",
				 "asks uname -r where kbuild reads it, too");
	}
}

static void lint_conf_uname(struct lint_source *s)
{
	size_t number = 1;

	for (const char *at = s->text.s; *at; number++) {
		size_t n = strcspn(at, "\n");
		AUTO_FREE char *line = xstrndup(at, n);

		if (makefile_asks_uname(line))
			lint_add(
				s->ret, LINT_ERROR, "uname", LINT_CONF, number,
				"$kernelver is the kernel to build for, and $kernel_source_dir its "
				"headers.",
				"asks uname -r: a build for another kernel gets modules for the "
				"running one");
		at += n + (at[n] == '\n');
	}
}

/* ---- names of modules ---- */

/*
 * If the Makefiles of the module's folder list their modules in plain words, and this module is not
 * among them, return the list, "a.ko, b.ko".  NULL: it is among them, or that cannot be told.
 * Caller frees.
 */
static char *lint_other_modules(const struct lint_source *s, const struct conf_module *m,
				const struct lint_makefile **ret_file)
{
	AUTO_STRV struct strv others = STRV_INIT;
	AUTO_FREE char *rel = xstrdup(m->built_location);
	const char *name;
	size_t n = strlen(rel);

	if (n)
		rel[n - 1] = '\0';
	for (size_t i = 0; i < s->n_makefiles; i++) {
		const struct lint_makefile *f = &s->makefiles[i];

		if (!lint_is_in(f, rel))
			continue;
		if (f->m.computed || strv_has(&f->m.objects, m->built_name))
			return NULL;
		if (f->m.objects_line)
			*ret_file = f;
		STRV_FOREACH (name, &f->m.objects)
			strv_addf(&others, "%s.ko", name);
	}
	return others.n ? strv_join(&others, ", ") : NULL;
}

static void lint_module_name(struct lint_source *s, size_t i)
{
	const struct conf_module *m = &s->conf.modules[i];
	const struct lint_makefile *f = NULL;
	AUTO_FREE char *others = *m->built_name ? lint_other_modules(s, m, &f) : NULL;

	if (others)
		lint_add(
			s->ret, LINT_ERROR, "module", LINT_CONF,
			lint_line(s, "BUILT_MODULE_NAME", i),
			"BUILT_MODULE_NAME is the name of the file that the build makes, without .ko.",
			"%s:%zu makes %s; dkms.conf expects %s.ko", f->path, f->m.objects_line,
			others, m->built_name);
}

static void lint_module_location(struct lint_source *s, size_t i)
{
	const char *rel = s->conf.modules[i].built_location;

	if (*rel && !lint_has(s, rel))
		lint_add(s->ret, LINT_ERROR, "location", LINT_CONF,
			 lint_line(s, "BUILT_MODULE_LOCATION", i),
			 "It is the folder of the module, relative to that of dkms.conf.",
			 "BUILT_MODULE_LOCATION[%zu]: there is no folder %s", i, rel);
}

/* Can PRE_BUILD or a patch change the Makefiles?  If so, it is not known what a build finds. */
static bool lint_changes_before_make(const struct lint_source *s)
{
	return s->conf.scripts[SCRIPT_PRE_BUILD] || s->conf.patches.n;
}

static void lint_no_makefile(struct lint_source *s)
{
	const char *make = lint_value(s, "MAKE", 0);

	for (size_t i = 0; i < s->n_makefiles; i++) {
		if (*make || !strchr(s->makefiles[i].path, '/'))
			return;
	}
	if (*make && !str_begins(make, "make"))
		return;
	lint_add(s->ret, LINT_ERROR, "makefile", LINT_CONF, lint_line(s, "MAKE", 0),
		 "A Makefile with the line \"obj-m := NAME.o\" is enough for kbuild.",
		 "there is no Makefile and no Kbuild in this folder");
}

void lint_makefiles(struct lint_source *s)
{
	lint_conf_uname(s);
	for (size_t i = 0; i < s->n_makefiles; i++)
		lint_uname(s, &s->makefiles[i]);
	if (lint_changes_before_make(s))
		return;
	lint_no_makefile(s);
	for (size_t i = 0; i < s->conf.n_modules; i++) {
		lint_module_location(s, i);
		lint_module_name(s, i);
	}
}
