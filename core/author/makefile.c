/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/makefile.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

void makefile_release(struct makefile *m)
{
	for (size_t i = 0; i < m->n_unames; i++)
		free(m->unames[i].variable);
	free(m->unames);
	strv_release(&m->objects);
	strv_release(&m->lines);
	free(m->numbers);
	*m = (struct makefile){ .objects = STRV_INIT, .lines = STRV_INIT };
}

bool makefile_asks_uname(const char *line)
{
	const char *s = strstr(line, "uname");
	const char *comment = strchr(line, '#');

	for (; s; s = strstr(s + 5, "uname")) {
		const char *option = s + 5 + strspn(s + 5, " \t");

		if (comment && comment < s)
			return false;
		if (option > s + 5 &&
		    (str_begins(option, "-r") || str_begins(option, "--kernel-release")))
			return true;
	}
	return false;
}

/* The variable that a line like "  export NAME ?= ..." sets; NULL: it sets none.  Caller frees. */
static char *makefile_variable(const char *line, bool *ret_weak, const char **ret_value)
{
	const char *s = line + strspn(line, " \t");
	size_t n;

	for (const char *word = "export"; str_begins(s, word) && isblank((unsigned char)s[6]);)
		s += 6 + strspn(s + 6, " \t");
	n = strcspn(s, " \t=:+?#");
	if (!n)
		return NULL;
	*ret_value = s + n + strspn(s + n, " \t");
	*ret_weak = **ret_value == '?';
	*ret_value += strspn(*ret_value, ":+?");
	if (**ret_value != '=')
		return NULL;
	(*ret_value)++;
	return xstrndup(s, n);
}

static void makefile_add_uname(struct makefile *m, const char *line, size_t number)
{
	struct makefile_uname u = { .line = number };
	const char *value;

	u.variable = makefile_variable(line, &u.weak, &value);
	u.recipe = *line == '\t' && !u.variable;
	VEC_PUSH(m->unames, m->n_unames, u);
}

static void makefile_add_objects(struct makefile *m, const char *value, size_t number)
{
	AUTO_STRV struct strv words = STRV_INIT;
	AUTO_FREE char *code = xstrndup(value, strcspn(value, "#"));
	char *word;

	strv_split(&words, code, " \t\r");
	if (!m->objects_line)
		m->objects_line = number;
	STRV_FOREACH (word, &words) {
		size_t n = strlen(word);

		if (strchr(word, '$'))
			m->computed = true;
		else if (str_ends(word, ".o"))
			strv_addn(&m->objects, word, n - 2);
		else if (str_ends(word, "/"))
			m->computed = true; /* a folder with a Makefile of its own */
	}
}

static void makefile_take_line(struct makefile *m, const char *line, size_t number)
{
	const char *s = line + strspn(line, " \t"), *value;
	AUTO_FREE char *variable = NULL;
	bool weak;

	if (makefile_asks_uname(line))
		makefile_add_uname(m, line, number);
	if (str_begins(s, "include ") || str_begins(s, "-include "))
		m->computed = true;
	if (str_begins(s, "if") && strstr(s, "KERNELRELEASE"))
		m->guarded = true;
	variable = makefile_variable(line, &weak, &value);
	if (variable && (str_equal(variable, "obj-m") || str_equal(variable, "obj-y") ||
			 str_begins(variable, "obj-$")))
		makefile_add_objects(m, value, number);
}

/* Read a line and those that continue it.  Returns how many lines were read. */
static size_t makefile_read_line(const char **at, struct buf *ret)
{
	size_t lines = 0;
	bool more = true;

	while (more && **at) {
		size_t n = strcspn(*at, "\n"), used = n;

		while (used && (*at)[used - 1] == '\r')
			used--;
		more = used && (*at)[used - 1] == '\\';
		buf_add(ret, *at, used - more);
		if (more)
			buf_addch(ret, ' ');
		*at += n + ((*at)[n] == '\n');
		lines++;
	}
	return lines;
}

void makefile_parse(const char *text, struct makefile *ret)
{
	AUTO_BUF struct buf line = BUF_INIT;
	size_t number = 1, n = 0;

	*ret = (struct makefile){ .objects = STRV_INIT, .lines = STRV_INIT };
	while (*text) {
		size_t lines;

		buf_reset(&line);
		lines = makefile_read_line(&text, &line);
		makefile_take_line(ret, line.s, number);
		strv_add(&ret->lines, line.s);
		VEC_PUSH(ret->numbers, n, number);
		number += lines;
	}
}

/* Is $(VARIABLE) or ${VARIABLE} in the line? */
static bool makefile_uses(const char *line, const char *variable)
{
	size_t n = strlen(variable);

	for (const char *s = strchr(line, '$'); s; s = strchr(s + 1, '$')) {
		if ((s[1] == '(' || s[1] == '{') && !strncmp(s + 2, variable, n) &&
		    strchr("):},", s[2 + n]) && s[2 + n])
			return true;
	}
	return false;
}

/* If a value goes into more variables than this, makefile_reaches() gives up and returns true. */
#define VARIABLES_MAX 64

bool makefile_reaches(const struct makefile *m, const char *variable,
		      bool (*given)(const char *variable, void *data), void *data)
{
	AUTO_STRV struct strv reached = STRV_INIT;
	const char *line, *value;

	strv_add(&reached, variable);
	for (size_t i = 0; i < reached.n; i++) {
		STRV_FOREACH (line, &m->lines) {
			AUTO_FREE char *set = NULL;
			bool weak;

			if (!makefile_uses(line, reached.v[i]))
				continue;
			set = makefile_variable(line, &weak, &value);
			if (!set || reached.n > VARIABLES_MAX)
				return true;
			if (!strv_has(&reached, set) && !given(set, data))
				strv_add(&reached, set);
		}
	}
	return false;
}
