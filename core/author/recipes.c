/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/recipes.h"

#include <ctype.h>

#include "base/alloc.h"

#define REACHED_MAX 256 /* names of rules; a Makefile that needs more is not looked at further */

bool recipes_goals(const struct shell_command *c, bool enters, struct strv *ret)
{
	static const char *const makes[] = { "make", "$(MAKE)", "${MAKE}" };
	size_t i = shelltext_program(c);
	bool make = false;

	for (size_t j = 0; j < ARRAY_SIZE(makes) && i < c->words.n; j++)
		make |= !strcmp(makes[j], c->words.v[i]);
	for (i++; make && i < c->words.n; i++) {
		const char *word = c->words.v[i];

		if (str_begins(word, "-f") || str_begins(word, "--file") || str_begins(word, "M="))
			return false;
		if (str_begins(word, "-C")) {
			if (!enters)
				return false;
			i += word[2] == '\0';
		} else if (*word != '-' && !strpbrk(word, "=$") && !isdigit((unsigned char)*word)) {
			strv_add(ret, word);
		}
	}
	return make;
}

/* ---- rules ---- */

/* Is the line a directive of make, so no rule? */
static bool recipes_is_other(const char *line)
{
	static const char *const others[] = { "ifeq",	  "ifneq",    "ifdef",	"ifndef",
					      "else",	  "endif",    "define", "endef",
					      "include",  "-include", "export", "unexport",
					      "sinclude", "vpath" };
	const char *s = line + strspn(line, " ");

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		size_t n = strlen(others[i]);

		if (str_begins(s, others[i]) && !isalnum((unsigned char)s[n]) && s[n] != '_' &&
		    s[n] != '-')
			return true;
	}
	return false;
}

/* The colon of a rule; NULL: the line is none. */
static const char *recipes_colon(const char *line)
{
	unsigned int open = 0;

	if (*line == '\t' || recipes_is_other(line))
		return NULL;
	for (const char *s = line; *s && *s != '#'; s++) {
		if (*s == '(' || *s == '{')
			open++;
		else if ((*s == ')' || *s == '}') && open)
			open--;
		else if (!open && *s == '=')
			return NULL;
		else if (!open && *s == ':')
			return s[1] == '=' || (s[1] == ':' && s[2] == '=') ? NULL : s;
	}
	return NULL;
}

struct recipes_rule {
	struct strv names, needs;
	const char *command; /* what follows ";" in the line of the rule; "": nothing */
};
static void recipes_rule_release(struct recipes_rule *r)
{
	strv_release(&r->names);
	strv_release(&r->needs);
}

static bool recipes_rule(const char *line, struct recipes_rule *ret)
{
	const char *colon = recipes_colon(line), *end;
	AUTO_FREE char *names = NULL;
	AUTO_FREE char *needs = NULL;

	*ret = (struct recipes_rule){ STRV_INIT, STRV_INIT, "" };
	if (!colon)
		return false;
	end = colon + strcspn(colon, ";#");
	names = xstrndup(line, (size_t)(colon - line));
	needs = xstrndup(colon + 1, (size_t)(end - colon) - 1);
	strv_split(&ret->names, names, " \t\r");
	strv_split(&ret->needs, needs, " \t\r:|");
	if (*end == ';')
		ret->command = end + 1;
	return true;
}

static bool recipes_makes(const struct recipes_rule *r, const struct strv *wanted)
{
	const char *name;

	STRV_FOREACH (name, &r->names) {
		if (strv_has(wanted, name))
			return true;
	}
	return false;
}

/* ---- what is reached ---- */

/* What make makes without a goal: the first rule that is no pattern and does not begin with '.'. */
static void recipes_first(const struct makefile *m, struct strv *ret)
{
	const char *line;

	STRV_FOREACH (line, &m->lines) {
		CLEANUP(recipes_rule_release) struct recipes_rule rule;

		if (!recipes_rule(line, &rule) || !rule.names.n)
			continue;
		if (rule.names.v[0][0] != '.' && !strchr(rule.names.v[0], '%')) {
			strv_add(ret, rule.names.v[0]);
			return;
		}
	}
}

static void recipes_submake(const struct shell_command *c, void *data)
{
	recipes_goals(c, false, data);
}

static const char *recipes_command(const char *line)
{
	return line + strspn(line, " \t@+-");
}

/*
 * Find the rules that make one of the names in *reached, and add to *reached what they need.
 * Returns true if a name was added.
 */
static bool recipes_grow(const struct makefile *m, struct strv *reached)
{
	AUTO_STRV struct strv more = STRV_INIT;
	size_t before = reached->n;
	const char *line, *name;
	bool inside = false;

	STRV_FOREACH (line, &m->lines) {
		CLEANUP(recipes_rule_release) struct recipes_rule rule;

		if (recipes_rule(line, &rule)) {
			inside = recipes_makes(&rule, reached);
			if (!inside)
				continue;
			strv_add_all(&more, &rule.needs);
			shelltext_commands(recipes_command(rule.command), recipes_submake, &more);
		} else if (inside && *line == '\t') {
			shelltext_commands(recipes_command(line), recipes_submake, &more);
		}
	}
	STRV_FOREACH (name, &more) {
		if (reached->n < REACHED_MAX && !strv_has(reached, name))
			strv_add(reached, name);
	}
	return reached->n > before;
}

void recipes_find(const struct makefile *m, const struct strv *goals, recipes_fn tell, void *data)
{
	AUTO_STRV struct strv reached = STRV_INIT;
	bool inside = false;

	strv_add_all(&reached, goals);
	if (!reached.n)
		recipes_first(m, &reached);
	while (recipes_grow(m, &reached))
		continue;
	for (size_t i = 0; i < m->lines.n; i++) {
		CLEANUP(recipes_rule_release) struct recipes_rule rule;
		const char *line = m->lines.v[i];

		if (recipes_rule(line, &rule)) {
			inside = recipes_makes(&rule, &reached);
			if (inside && *rule.command)
				tell(recipes_command(rule.command), m->numbers[i], data);
		} else if (inside && *line == '\t') {
			tell(recipes_command(line), m->numbers[i], data);
		}
	}
}
