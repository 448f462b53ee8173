/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directives of a dkms.conf, and what they name. */
#include <ctype.h>
#include <sys/stat.h>

#include "author/lintsource.h"
#include "base/alloc.h"
#include "conf/confwarn.h"
#include "model/makecmd.h"
#include "model/modid.h"
#include "sys/fs.h"

/* ---- names of directives ---- */

static void lint_directive(struct lint_source *s, const struct conftext_set *set)
{
	const char *meant = conftext_misspelt(s->text.s, set->name);
	AUTO_FREE char *cure = meant ? xasprintf("Did you mean %s?", meant) : NULL;
	bool works;
	const char *advice = conftext_obsolete(set->name, &works);

	if (meant)
		lint_add(s->ret, LINT_ERROR, "misspelt", LINT_CONF, set->line, cure,
			 "%s is no directive and has no effect", set->name);
	else if (advice)
		lint_add(s->ret, works ? LINT_NOTE : LINT_WARNING, "obsolete", LINT_CONF, set->line,
			 advice, "%s is obsolete", set->name);
	else if (isupper((unsigned char)*set->name) && !conftext_is_directive(set->name) &&
		 !conftext_uses(s->text.s, set->name))
		lint_add(s->ret, LINT_NOTE, "unused", LINT_CONF, set->line,
			 "dkms.conf(5) lists the directives.",
			 "%s is no directive, and nothing in dkms.conf uses it", set->name);
}

static bool lint_is_repeated(const struct lint_source *s, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (!strcmp(s->sets.v[j].name, s->sets.v[i].name))
			return true;
	}
	return false;
}

/* Report each NAME_MATCH[i] without a NAME[i]: it chooses nothing. */
static void lint_match(struct lint_source *s, const char *name)
{
	AUTO_FREE char *match = xasprintf("%s_MATCH", name);

	for (size_t i = 0; i < s->values.n; i++) {
		const struct conf_value *v = &s->values.v[i];

		if (!strcmp(v->name, match) && *v->value && !*lint_value(s, name, v->index))
			lint_add(s->ret, LINT_WARNING, "match", LINT_CONF,
				 lint_line(s, match, v->index),
				 "Each element belongs to that of the same index.",
				 "%s[%u] chooses nothing: there is no %s[%u]", match, v->index,
				 name, v->index);
	}
}

static void lint_exclusive_index(struct lint_source *s)
{
	for (size_t i = 0; i < s->values.n; i++) {
		const struct conf_value *v = &s->values.v[i];

		if (str_begins(v->name, "BUILD_EXCLUSIVE_") && *v->value && v->index &&
		    v->index >= s->conf.n_modules)
			lint_add(s->ret, LINT_WARNING, "index", LINT_CONF,
				 lint_line(s, v->name, v->index),
				 "Element 0 is about all modules, element i about module i.",
				 "%s[%u] is about no module: the last one is module %zu", v->name,
				 v->index, s->conf.n_modules ? s->conf.n_modules - 1 : 0);
	}
}

void lint_directives(struct lint_source *s)
{
	for (size_t i = 0; i < s->sets.n; i++) {
		if (!lint_is_repeated(s, i))
			lint_directive(s, &s->sets.v[i]);
	}
	lint_match(s, "MAKE");
	lint_match(s, "PATCH");
	lint_exclusive_index(s);
	if (!s->conf.autoinstall && !lint_line(s, "AUTOINSTALL", 0))
		lint_add(s->ret, LINT_NOTE, "autoinstall", LINT_CONF, 0, "AUTOINSTALL=\"yes\"",
			 "without AUTOINSTALL nothing is built for a new kernel");
}

/* ---- errors of the conf ---- */

/*
 * The line that an error is about.  The error's text names a directive, and often, after '#', the
 * index of a module.  If the conf does not set the directive, the line is that of the module's
 * BUILT_MODULE_NAME.  *ret_name: the directive; it is left alone if the text names none.
 */
static size_t lint_error_line(const struct lint_source *s, const char *text, char **ret_name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const char *number = strchr(text, '#');
	size_t index = number ? strtoul(number + 1, NULL, 10) : 0, line = 0;

	for (const char *at = text; *at && !line;) {
		size_t n = strspn(at, letters);
		AUTO_FREE char *name = xstrndup(at, n);

		if (conftext_is_directive(name) && !*ret_name)
			*ret_name = xstrdup(name);
		if (conftext_is_directive(name))
			line = lint_line(s, name, index);
		at += n ? n : 1;
	}
	return line || !number ? line : lint_line(s, "BUILT_MODULE_NAME", index);
}

static void lint_errors(struct lint_source *s, const struct strv *errors)
{
	const char *text;

	STRV_FOREACH (text, errors) {
		size_t n = strlen(text);
		AUTO_FREE char *name = NULL;
		size_t line = lint_error_line(s, text, &name);
		AUTO_FREE char *cure = xasprintf("dkms.conf(5) says what %s takes.",
						 name ? name : "each directive");

		lint_add(s->ret, LINT_ERROR, "conf", LINT_CONF, line, cure, "%.*s",
			 (int)(n && text[n - 1] == '.' ? n - 1 : n), text);
	}
}

/* Report what bash printed when it ran the conf: "FILE: line 7: foo: command not found". */
static void lint_bash_warnings(struct lint_source *s)
{
	const char *text;

	STRV_FOREACH (text, &s->values.warnings) {
		const char *number = strstr(text, ": line ");
		char *end = NULL;
		size_t n = number ? strtoul(number + 7, &end, 10) : 0;
		bool own = end && end[0] == ':' && end[1] == ' ';

		/* If no kernel is here, a conf that reads a kernel's files is not to blame. */
		lint_add(s->ret, s->n_here ? LINT_WARNING : LINT_NOTE, "bash", LINT_CONF,
			 own ? n : 0, "dkms.conf runs in bash: nothing in it may print or fail.",
			 "bash says: %s", own ? end + 2 : text);
	}
}

void lint_conf_errors(struct lint_source *s)
{
	AUTO_FREE char *missing = strv_join(&s->conf.missing, "; ");

	lint_bash_warnings(s);
	lint_errors(s, &s->conf.errors);
	lint_errors(s, &s->conf.strict_errors);
	if (s->conf.missing.n)
		lint_add(s->ret, LINT_ERROR, "missing", LINT_CONF, 0, missing, "%zu line%s missing",
			 s->conf.missing.n, s->conf.missing.n == 1 ? " is" : "s are");
	/* Skip the warnings of bash, which come first in conf.warnings: they are added above. */
	for (size_t i = s->values.warnings.n; i < s->conf.warnings.n; i++) {
		AUTO_FREE char *name = NULL;

		lint_add(s->ret, LINT_ERROR, "value", LINT_CONF,
			 lint_error_line(s, s->conf.warnings.v[i], &name),
			 "dkms.conf(5) says what the directives take.", "%s",
			 s->conf.warnings.v[i]);
	}
}

/* ---- names ---- */

void lint_names(struct lint_source *s)
{
	const struct conf *c = &s->conf;
	const char *name = c->package_name ? modid_name_problem(c->package_name) : NULL;
	const char *version = c->package_version ? modid_version_problem(c->package_version) : NULL;
	AUTO_FREE char *folder = confwarn_folder(&s->e->root, s->folder, c);

	if (name)
		lint_add(s->ret, LINT_ERROR, "name", LINT_CONF, lint_line(s, "PACKAGE_NAME", 0),
			 "Letters, digits, '.', '_', '+' and '-' are good.",
			 "PACKAGE_NAME \"%s\": %s", c->package_name, name);
	if (version)
		lint_add(s->ret, LINT_ERROR, "name", LINT_CONF, lint_line(s, "PACKAGE_VERSION", 0),
			 "Letters, digits, '.', '_', '+' and '-' are good.",
			 "PACKAGE_VERSION \"%s\": %s", c->package_version, version);
	if (folder)
		lint_add(s->ret, LINT_WARNING, "folder", LINT_CONF,
			 lint_line(s, "PACKAGE_VERSION", 0),
			 "Write the new version into dkms.conf, or rename the folder.", "%s",
			 folder);
	if (c->package_name && strv_has(&c->depends, c->package_name))
		lint_add(s->ret, LINT_ERROR, "depends", LINT_CONF, lint_line(s, "BUILD_DEPENDS", 0),
			 NULL, "BUILD_DEPENDS names %s itself: it would wait for its own build",
			 c->package_name);
}

/* ---- files that directives name ---- */

static void lint_patch(struct lint_source *s, const struct conf_value *v)
{
	const char *problem = makecmd_patch_problem(v->value);
	AUTO_FREE char *rel = xasprintf("patches/%s", v->value);

	if (problem)
		lint_add(s->ret, LINT_ERROR, "patch", LINT_CONF, lint_line(s, "PATCH", v->index),
			 "A patch lies in the folder patches/.", "PATCH[%u]: %s", v->index,
			 problem);
	else if (!lint_has(s, rel))
		lint_add(s->ret, LINT_ERROR, "patch", LINT_CONF, lint_line(s, "PATCH", v->index),
			 "Put the patch there, or remove the line.", "PATCH[%u]: there is no %s",
			 v->index, rel);
}

static void lint_script(struct lint_source *s, enum conf_script which)
{
	const char *name = conf_script_name(which);
	AUTO_FREE char *word = makecmd_script_word(s->conf.scripts[which]);
	AUTO_FREE char *path = xasprintf("%s/%s", s->folder, word);
	AUTO_FREE char *cure = xasprintf("chmod +x %s", word);
	struct stat st;

	if (fs_stat(&s->e->root, path, &st) < 0)
		lint_add(s->ret, LINT_ERROR, "script", LINT_CONF, lint_line(s, name, 0),
			 "Put the script there, or remove the line.",
			 "%s: there is no %s, and nothing is run", name, word);
	else if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		lint_add(s->ret, LINT_ERROR, "script", LINT_CONF, lint_line(s, name, 0), cure,
			 "%s: %s cannot be executed, and is not run", name, word);
}

void lint_conf_files(struct lint_source *s)
{
	for (size_t i = 0; i < s->values.n; i++) {
		const struct conf_value *v = &s->values.v[i];

		if (!strcmp(v->name, "PATCH") && *v->value)
			lint_patch(s, v);
	}
	for (int i = 0; i < SCRIPT_COUNT_; i++) {
		if (s->conf.scripts[i])
			lint_script(s, (enum conf_script)i);
	}
}
