/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/conftext.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/similar.h"

static const char no_effect[] = "It has no effect any more: remove the line.";

static const struct conftext_directive {
	const char *name;
	const char *obsolete; /* what an author should do; NULL: it is not obsolete */
	bool works;	      /* obsolete, but it still has an effect here */
} conftext_directives[] = {
	{ "PACKAGE_NAME", NULL, false },
	{ "PACKAGE_VERSION", NULL, false },
	{ "AUTOINSTALL", NULL, false },
	{ "BUILD_DEPENDS", NULL, false },
	{ "BUILD_DEPENDS_REBUILD", NULL, false },
	{ "BUILT_MODULE_NAME", NULL, false },
	{ "BUILT_MODULE_LOCATION", NULL, false },
	{ "DEST_MODULE_NAME", NULL, false },
	{ "DEST_MODULE_LOCATION", NULL, false },
	{ "STRIP", NULL, false },
	{ "MAKE", NULL, false },
	{ "MAKE_MATCH", NULL, false },
	{ "CLEAN",
	  "It is run only if the source comes with objects of an old build: leave those out, and "
	  "remove the line.",
	  true },
	{ "PATCH", NULL, false },
	{ "PATCH_MATCH", NULL, false },
	{ "BUILD_EXCLUSIVE_KERNEL", NULL, false },
	{ "BUILD_EXCLUSIVE_KERNEL_MIN", NULL, false },
	{ "BUILD_EXCLUSIVE_KERNEL_MAX", NULL, false },
	{ "BUILD_EXCLUSIVE_ARCH", NULL, false },
	{ "BUILD_EXCLUSIVE_CONFIG", NULL, false },
	{ "POST_ADD", NULL, false },
	{ "PRE_BUILD", NULL, false },
	{ "POST_BUILD", NULL, false },
	{ "PRE_INSTALL", NULL, false },
	{ "POST_INSTALL", NULL, false },
	{ "POST_REMOVE", NULL, false },
	{ "NO_WEAK_MODULES", NULL, false },
	{ "REMAKE_INITRD",
	  "An initramfs that has the module is made anew without it: remove the line.", true },
	{ "OBSOLETE_BY", "Use BUILD_EXCLUSIVE_KERNEL_MAX.", true },
	{ "MODULES_CONF", no_effect, false },
	{ "MODULES_CONF_ALIAS_TYPE", no_effect, false },
	{ "MODULES_CONF_OBSOLETES", no_effect, false },
	{ "MODULES_CONF_OBSOLETE_ONLY", no_effect, false },
};

void conftext_release(struct conftext *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].name);
	free(c->v);
	*c = (struct conftext){ NULL, 0 };
}

/* ---- assignments ---- */

struct conftext_reader {
	const char *at;
	size_t line;
	bool command; /* a command may begin here, and so may an assignment */
};

static void conftext_skip_char(struct conftext_reader *r)
{
	if (*r->at == '\n')
		r->line++;
	r->at++;
}

/*
 * Skip a quoted text and both its quotes; `end` is the closing one.  A backslash protects the
 * character after it, except in '...'.
 */
static void conftext_skip_quoted(struct conftext_reader *r, char end)
{
	conftext_skip_char(r);
	while (*r->at && *r->at != end) {
		if (*r->at == '\\' && end != '\'' && r->at[1])
			conftext_skip_char(r);
		conftext_skip_char(r);
	}
	if (*r->at)
		r->at++;
}

static bool conftext_ends_word(char c)
{
	return !c || strchr(" \t\r\n;&|()", c);
}

/* Skip a word, with all that is in its quotes and in its "$(...)". */
static void conftext_skip_word(struct conftext_reader *r)
{
	size_t depth = 0;

	while (*r->at && (depth || !conftext_ends_word(*r->at))) {
		if (*r->at == '"' || *r->at == '\'' || *r->at == '`') {
			conftext_skip_quoted(r, *r->at);
			continue;
		}
		if (*r->at == '\\' && r->at[1])
			conftext_skip_char(r);
		else if (*r->at == '$' && r->at[1] == '(')
			depth++, r->at++;
		else if (depth && *r->at == '(')
			depth++;
		else if (depth && *r->at == ')')
			depth--;
		conftext_skip_char(r);
	}
}

/* Length of the NAME at s, or 0. */
static size_t conftext_name_length(const char *s)
{
	size_t n = 0;

	if (isdigit((unsigned char)*s))
		return 0;
	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

/* If an assignment begins at s, append it.  Returns false if none begins there. */
static bool conftext_take_assignment(const char *s, size_t line, struct conftext *ret)
{
	size_t n = conftext_name_length(s);
	const char *rest = s + n;
	struct conftext_set set = { .line = line };

	if (!n)
		return false;
	if (*rest == '[') {
		const char *digits = rest + 1;
		size_t len = strspn(digits, "0123456789");
		const char *close = digits + strcspn(digits, "]\n");

		set.index = len && len < 8 && digits[len] == ']' ? strtol(digits, NULL, 10) : -1;
		rest = *close == ']' ? close + 1 : close;
	}
	if (*rest == '+')
		rest++;
	if (*rest != '=' || rest[1] == '=')
		return false;
	set.name = xstrndup(s, n);
	VEC_PUSH(ret->v, ret->n, set);
	return true;
}

/* May a command follow this word? */
static bool conftext_is_before_command(const char *word, size_t len)
{
	static const char *const words[] = { "if",   "then",   "elif",	  "else",     "do", "while",
					     "{",    "!",      "declare", "readonly", "in", "until",
					     "time", "export", "typeset", "local" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strlen(words[i]) == len && !strncmp(words[i], word, len))
			return true;
	}
	return false;
}

static void conftext_read_word(struct conftext_reader *r, struct conftext *ret)
{
	const char *word = r->at;
	bool assignment = r->command && conftext_take_assignment(word, r->line, ret);

	conftext_skip_word(r);
	if (r->at == word) /* a byte that is no part of a word */
		conftext_skip_char(r);
	if (!assignment)
		r->command = conftext_is_before_command(word, (size_t)(r->at - word));
}

void conftext_parse(const char *text, struct conftext *ret)
{
	struct conftext_reader r = { .at = text, .line = 1, .command = true };

	*ret = (struct conftext){ NULL, 0 };
	while (*r.at) {
		if (*r.at == '#') {
			r.at += strcspn(r.at, "\n");
		} else if (strchr("\n;&|()", *r.at)) {
			r.command = true;
			conftext_skip_char(&r);
		} else if (strchr(" \t\r", *r.at)) {
			r.at++;
		} else {
			conftext_read_word(&r, ret);
		}
	}
}

size_t conftext_line(const struct conftext *c, const char *name, size_t index)
{
	size_t other = 0;

	for (size_t i = c->n; i-- > 0;) {
		if (strcmp(c->v[i].name, name) != 0)
			continue;
		if (c->v[i].index == (long)index)
			return c->v[i].line;
		if (c->v[i].index < 0 && !other)
			other = c->v[i].line;
	}
	return other;
}

/* ---- names ---- */

static const struct conftext_directive *conftext_directive(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(conftext_directives); i++) {
		if (!strcmp(conftext_directives[i].name, name))
			return &conftext_directives[i];
	}
	return NULL;
}

bool conftext_is_directive(const char *name)
{
	return conftext_directive(name);
}

const char *conftext_obsolete(const char *name, bool *ret_works)
{
	const struct conftext_directive *d = conftext_directive(name);

	*ret_works = d && d->works;
	return d ? d->obsolete : NULL;
}

bool conftext_uses(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = strstr(text, name); s; s = strstr(s + n, name)) {
		bool whole = !isalnum((unsigned char)s[n]) && s[n] != '_';
		bool plain = s > text && s[-1] == '$';
		bool braced = s > text + 1 && s[-2] == '$' && s[-1] == '{';
		bool special = s > text + 2 && s[-3] == '$' && s[-2] == '{';

		if (whole && (plain || braced || special))
			return true;
	}
	return false;
}

/*
 * A name of eight letters or more may differ from the directive in two letters, a shorter one in
 * one.  Names that begin with a small letter do not count: they are shell variables, and some of
 * them are DKMS's own (built_module_name).
 */
const char *conftext_misspelt(const char *text, const char *name)
{
	AUTO_FREE char *upper = xstrdup(name);
	struct similar s = SIMILAR_INIT(upper);
	size_t n = strlen(name);

	if (n < 4 || !isupper((unsigned char)*name) || conftext_is_directive(name) ||
	    conftext_uses(text, name))
		return NULL;
	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	for (size_t i = 0; i < ARRAY_SIZE(conftext_directives); i++)
		similar_offer(&s, conftext_directives[i].name);
	if (!s.best || s.distance > (n < 8 ? 1 : 2))
		return NULL;
	/* If `name` is just the beginning of a long directive (BUILD), it is no misspelling. */
	return n + 2 < strlen(s.best) ? NULL : s.best;
}

void conftext_warnings(const char *text, struct strv *ret)
{
	AUTO_CONFTEXT struct conftext c = { NULL, 0 };

	conftext_parse(text, &c);
	for (size_t i = 0; i < c.n; i++) {
		const char *meant = conftext_misspelt(text, c.v[i].name);

		if (meant)
			strv_addf(ret,
				  "dkms.conf: line %zu: '%s' is no directive and has no effect. "
				  "Did you mean %s?",
				  c.v[i].line, c.v[i].name, meant);
	}
}
