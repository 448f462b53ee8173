/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a confined build does not have: network, the rest of the machine, root. */
#include <ctype.h>

#include "author/lintsource.h"
#include "author/outside.h"
#include "author/recipes.h"
#include "base/alloc.h"
#include "confine/exceptions.h"
#include "model/makecmd.h"
#include "sys/fs.h"

/* A longer script was made by a tool, such as configure. */
#define SCRIPT_MAX (128U << 10)

/* A text that is searched for commands that a confined build cannot run: where it comes from. */
struct lint_place {
	struct lint_source *s;
	const char *file; /* relative to the folder */
	size_t line;	  /* all findings are reported at this line; 0: each at its own line */
	const char *who;  /* "MAKE "; "": the text is the file itself */
};

static bool lint_is_vendored(const struct lint_source *s)
{
	return lint_has(s, "vendor") || lint_has(s, ".cargo/config.toml") ||
	       lint_has(s, ".cargo/config");
}

static void lint_tell_network(const struct lint_place *p, size_t line, const struct outside *o,
			      const char *exceptions)
{
	AUTO_FREE char *cure = NULL;

	if (!strcmp(o->program, "cargo") && lint_is_vendored(p->s))
		return;
	cure = xasprintf("Put into the source what it fetches. An admin can allow it by the line "
			 "network=yes in %s.",
			 exceptions);
	lint_add(p->s->ret, LINT_WARNING, "network", p->file, line, cure,
		 "%sruns %s, but builds have no network", p->who, o->program);
}

static void lint_tell_write(const struct lint_place *p, size_t line, const struct outside *o,
			    const char *exceptions)
{
	static const char whose[] =
		"dkms itself installs what BUILT_MODULE_NAME names, and runs depmod. "
		"What is for the machine belongs into POST_INSTALL, which runs as "
		"root";
	AUTO_FREE char *cure =
		o->folder ? xasprintf("%s. An admin can allow it by the line write=%s in %s.",
				      whose, o->folder, exceptions)
			  : xasprintf("%s.", whose);

	if (o->folder)
		lint_add(p->s->ret, LINT_WARNING, "outside", p->file, line, cure,
			 "%swrites to %s (%s), but builds can write in their own folder only",
			 p->who, o->folder, o->program);
	else
		lint_add(p->s->ret, LINT_WARNING, "outside", p->file, line, cure,
			 "%sruns %s, but builds can write in their own folder only", p->who,
			 o->program);
}

static void lint_tell_outside(const struct outside *o, size_t line, void *data)
{
	const struct lint_place *p = data;
	const char *name = p->s->conf.package_name ? p->s->conf.package_name : "NAME";
	AUTO_FREE char *exceptions = exceptions_path(name);

	line = p->line ? p->line : line;
	if (o->kind == OUTSIDE_NETWORK) {
		lint_tell_network(p, line, o, exceptions);
	} else if (o->kind == OUTSIDE_WRITE) {
		lint_tell_write(p, line, o, exceptions);
	} else {
		AUTO_FREE char *cure = xasprintf("PRE_INSTALL and POST_INSTALL run as root. An "
						 "admin can allow it by the line off in %s.",
						 exceptions);

		lint_add(p->s->ret, LINT_WARNING, "root", p->file, line, cure,
			 "%sruns %s, but builds are not root", p->who, o->program);
	}
}

static void lint_search(struct lint_place *p, const char *text)
{
	outside_find(text, p->s->e->dkms_tree, lint_tell_outside, p);
}

/* ---- dkms.conf and scripts ---- */

static void lint_outside_conf(struct lint_source *s)
{
	struct lint_place conf = { s, LINT_CONF, 0, "" };

	lint_search(&conf, s->text.s);
	for (size_t i = 0; i < s->values.n; i++) {
		const struct conf_value *v = &s->values.v[i];
		AUTO_FREE char *who = xasprintf("%s ", v->name);
		struct lint_place p = { s, LINT_CONF, lint_line(s, v->name, v->index), who };

		if (!strcmp(v->name, "MAKE") || !strcmp(v->name, "CLEAN"))
			lint_search(&p, v->value);
	}
}

static bool lint_is_shell(const char *text)
{
	AUTO_FREE char *first = xstrndup(text, strcspn(text, "\n"));

	return !str_begins(first, "#!") || strstr(first, "sh");
}

static void lint_outside_script(struct lint_source *s, enum conf_script which)
{
	AUTO_FREE char *word = makecmd_script_word(s->conf.scripts[which]);
	AUTO_FREE char *path = xasprintf("%s/%s", s->folder, word);
	AUTO_BUF struct buf text = BUF_INIT;
	struct lint_place p = { s, word, 0, "" };

	if (fs_read(&s->e->root, path, SCRIPT_MAX, &text) == 0 && lint_is_shell(text.s))
		lint_search(&p, text.s);
}

/* ---- Makefiles ---- */

struct lint_goals {
	struct strv goals;
	bool known; /* MAKE runs make in this folder */
};

static void lint_take_goals(const struct shell_command *c, void *data)
{
	struct lint_goals *g = data;

	g->known |= recipes_goals(c, true, &g->goals);
}

static void lint_outside_recipe(const char *command, size_t line, void *data)
{
	struct lint_place *p = data;

	p->line = line;
	lint_search(p, command);
}

/* $(shell ...), which make runs when it reads the line. */
static void lint_outside_shell(struct lint_place *p, const struct makefile *m)
{
	for (size_t i = 0; i < m->lines.n; i++) {
		const char *at = *m->lines.v[i] == '\t' ? NULL : strstr(m->lines.v[i], "$(shell ");

		p->line = m->numbers[i];
		if (at)
			lint_search(p, at);
	}
}

static void lint_outside_makefile(struct lint_source *s, const struct lint_makefile *f,
				  const struct lint_goals *g)
{
	struct lint_place p = { s, f->path, 0, "" };

	if (g->known)
		recipes_find(&f->m, &g->goals, lint_outside_recipe, &p);
	lint_outside_shell(&p, &f->m);
}

void lint_outside(struct lint_source *s)
{
	AUTO_FREE char *entry = lint_entry(s);
	struct lint_goals g = { STRV_INIT, false };

	lint_outside_conf(s);
	if (s->conf.scripts[SCRIPT_PRE_BUILD])
		lint_outside_script(s, SCRIPT_PRE_BUILD);
	if (s->conf.scripts[SCRIPT_POST_BUILD])
		lint_outside_script(s, SCRIPT_POST_BUILD);
	if (entry)
		shelltext_commands(lint_value(s, "MAKE", 0), lint_take_goals, &g);
	for (size_t i = 0; i < s->n_makefiles; i++) {
		/* With patches, look at no Makefile: a patch may remove such commands from it. */
		if (!s->conf.patches.n && lint_is_in(&s->makefiles[i], entry ? entry : ""))
			lint_outside_makefile(s, &s->makefiles[i], &g);
	}
	strv_release(&g.goals);
}
