/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/path.h"

static const struct {
	const char *name, *def;
	bool env;
} settings_table[] = {
#define X(id, name, def, env) { name, def, env },
	SETTINGS_LIST(X)
#undef X
};

const char *const settings_late[] = {
	"kernelver",
	"arch",
	"module",
	"module_version",
	"kernel_source_dir",
	"kernel_config",
	/* These are set for on_failure. */
	"DKMS_FAILURES",
	"DKMS_MODULE",
	"DKMS_VERSION",
	"DKMS_KERNEL",
	"DKMS_ARCH",
	"DKMS_CAUSE",
	"DKMS_WHAT",
	"DKMS_LOG",
	"DKMS_SINCE",
	"DKMS_RUN",
	NULL,
};

void settings_release(struct settings *s)
{
	for (size_t i = 0; i < SETTING_COUNT_; i++) {
		free(s->value[i]);
		free(s->source[i]);
	}
	*s = (struct settings){ 0 };
}

void settings_set(struct settings *s, enum setting id, const char *value, const char *source)
{
	if (s->value[id])
		return;
	s->value[id] = xstrdup(value);
	s->source[id] = xstrdup(source);
}

/* SETTING_COUNT_ if there is no such setting. */
static enum setting settings_find_word(const char *name, size_t n)
{
	size_t i = 0;

	while (i < SETTING_COUNT_ &&
	       (strncmp(settings_table[i].name, name, n) != 0 || settings_table[i].name[n] != '\0'))
		i++;
	return (enum setting)i;
}

enum setting settings_find(const char *name)
{
	return settings_find_word(name, strlen(name));
}

bool settings_set_name(struct settings *s, const char *name, const char *value, const char *source)
{
	enum setting id = settings_find_word(name, strlen(name));

	if (id == SETTING_COUNT_)
		return false;
	settings_set(s, id, value, source);
	return true;
}

/*
 * Apply a variable DKMS_DIRECTIVE...=NAME=VALUE of the environment.  `assignment` is its value,
 * NAME=VALUE.  In DKMS such variables override the files.
 */
static void settings_set_directive(struct settings *s, const char *assignment)
{
	size_t n = strcspn(assignment, "=");
	enum setting id = settings_find_word(assignment, n);

	if (id != SETTING_COUNT_ && assignment[n] == '=')
		settings_set(s, id, assignment + n + 1, "environment");
}

void settings_set_env(struct settings *s, char *const *env)
{
	for (; *env; env++) {
		size_t n = strcspn(*env, "=");
		const char *value = *env + n;
		enum setting id = settings_find_word(*env, n);

		if (*value != '=' || !*++value)
			continue;
		if (id != SETTING_COUNT_ && settings_table[id].env)
			settings_set(s, id, value, "environment");
		else if (n == 6 && strncmp(*env, "TMPDIR", n) == 0 && *value == '/')
			settings_set(s, SET_TMP_LOCATION, value, "environment");
		else if (str_begins(*env, "DKMS_DIRECTIVE"))
			settings_set_directive(s, value);
	}
}

const char *settings_get(const struct settings *s, enum setting id)
{
	return s->value[id] ? s->value[id] : settings_table[id].def;
}

const char *settings_source(const struct settings *s, enum setting id)
{
	return s->value[id] ? s->source[id] : "default";
}

bool settings_is_set(const struct settings *s, enum setting id)
{
	return s->value[id] != NULL;
}

unsigned int settings_number(const struct settings *s, enum setting id)
{
	return (unsigned int)strtoul(settings_get(s, id), NULL, 10);
}

bool settings_true(const struct settings *s, enum setting id)
{
	const char *value = settings_get(s, id);

	return *value && strcasecmp(value, "no") != 0 && strcasecmp(value, "false") != 0 &&
	       strcmp(value, "0") != 0;
}

bool settings_take_bundles(const struct settings *s)
{
	const char *value = settings_get(s, SET_BUNDLES);

	return strcmp(value, "prefer") == 0 || strcmp(value, "only") == 0;
}

const char *settings_name(enum setting id)
{
	return settings_table[id].name;
}

/* Each job is a byte in the jobserver's pipe, which holds at least a page. */
#define JOBS_MAX 4096

static bool settings_is_number(const char *s)
{
	return *s && strlen(s) < 9 && !s[strspn(s, "0123456789")];
}

/* Length of the shell name at s; 0 if there is none. */
static size_t settings_name_length(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	return *s >= '0' && *s <= '9' ? 0 : n;
}

static bool settings_is_choice(const char *choices, const char *value)
{
	AUTO_STRV struct strv v = STRV_INIT;

	strv_split(&v, choices, " ");
	return strv_has(&v, value);
}

/* May build_environment have this value?  Words must be names, NAME=VALUE or absolute paths. */
static bool settings_is_environment(const char *value)
{
	AUTO_STRV struct strv words = STRV_INIT;
	const char *word;

	strv_split(&words, value, " \t\n");
	STRV_FOREACH (word, &words) {
		size_t n = *word == '/' ? strlen(word) : settings_name_length(word);

		if (!n || (word[n] && word[n] != '='))
			return false;
	}
	return true;
}

enum settings_rule_kind { TREE, FILE_OR_NONE, NUMBER, JOBS, CHOICE, ENVIRONMENT };

static const struct settings_rule {
	enum setting id;
	enum settings_rule_kind kind;
	const char *must; /* for the message; for CHOICE the allowed words */
} settings_rules[] = {
	{ SET_DKMS_TREE, TREE, "an absolute path without '..'" },
	{ SET_SOURCE_TREE, TREE, "an absolute path without '..'" },
	{ SET_INSTALL_TREE, TREE, "an absolute path without '..'" },
	{ SET_TMP_LOCATION, TREE, "an absolute path without '..'" },
	{ SET_PARALLEL_JOBS, JOBS, "a number, at most 4096" },
	{ SET_BUILD_ENVIRONMENT, ENVIRONMENT, "names, NAME=VALUE or absolute paths of files" },
	{ SET_CONF_TIMEOUT, NUMBER, "a number of seconds" },
	{ SET_SCRIPT_TIMEOUT, NUMBER, "a number of seconds" },
	{ SET_BUILD_TIMEOUT, NUMBER, "a number of seconds" },
	{ SET_TOOL_TIMEOUT, NUMBER, "a number of seconds" },
	{ SET_INITRAMFS_TIMEOUT, NUMBER, "a number of seconds" },
	{ SET_ON_FAILURE_TIMEOUT, NUMBER, "a number of seconds" },
	{ SET_MOTD, FILE_OR_NONE, "empty, or an absolute path without '..'" },
	{ SET_TEXTFILE, FILE_OR_NONE, "empty, or an absolute path without '..'" },
	{ SET_BOOT_CHECK, CHOICE, "all critical no" },
	{ SET_GATE, CHOICE, "off pin strict" },
	{ SET_BUNDLES, CHOICE, "never prefer only" },
	{ SET_BUNDLE_TIMEOUT, NUMBER, "a number of seconds" },
	{ SET_CONFINE, CHOICE, "auto require off" },
	{ SET_TRY_CANDIDATES, CHOICE, "yes no" },
	{ SET_REPLAY, CHOICE, "auto off" },
	{ SET_REPLAY_SIZE, NUMBER, "a number of MiB" },
	{ SET_TRY_SIGN_MODULES, CHOICE, "true false not_in_chroot" },
	{ SET_INITRAMFS, CHOICE, "auto always never" },
	{ SET_RPM_RUN, CHOICE, "transaction background" },
};

static bool settings_rule_allows(const struct settings_rule *rule, const char *value)
{
	switch (rule->kind) {
	case FILE_OR_NONE:
		if (!*value)
			return true;
		return *value == '/' && !str_ends(value, "/") && !path_has_dotdot(value);
	case TREE: return *value == '/' && !path_has_dotdot(value);
	case NUMBER: return settings_is_number(value);
	case JOBS:
		return !*value ||
		       (settings_is_number(value) && strtoul(value, NULL, 10) <= JOBS_MAX);
	case CHOICE: return settings_is_choice(rule->must, value);
	case ENVIRONMENT: return settings_is_environment(value);
	}
	return true;
}

/* Where the value is from, e.g. "/etc/dkms/framework.conf:3".  Caller frees. */
static char *settings_place(const struct settings *s, enum setting id)
{
	return s->line[id] ? xasprintf("%s:%u", s->source[id], s->line[id])
			   : xstrdup(settings_source(s, id));
}

static bool settings_is_fatal(const struct settings *s, const struct settings_rule *rule,
			      bool reader)
{
	const char *source = settings_source(s, rule->id);

	if (strcmp(source, "command line") == 0)
		return true;
	return !reader && (rule->kind == TREE || strcmp(source, "environment") == 0);
}

static void settings_reset(struct settings *s, enum setting id)
{
	free(s->value[id]);
	free(s->source[id]);
	s->value[id] = s->source[id] = NULL;
	s->line[id] = 0;
}

int settings_check(struct settings *s, bool reader, struct strv *warnings, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings_rules); i++) {
		const struct settings_rule *rule = &settings_rules[i];
		AUTO_FREE char *what = NULL, *where = NULL;

		if (settings_rule_allows(rule, settings_get(s, rule->id)))
			continue;
		where = settings_place(s, rule->id);
		what = xasprintf("%s=%s (%s): the value must be %s%s", settings_name(rule->id),
				 settings_get(s, rule->id), where,
				 rule->kind == CHOICE ? "one of: " : "", rule->must);
		if (settings_is_fatal(s, rule, reader))
			return err_set(err, -E_USAGE, "%s", what);
		settings_reset(s, rule->id);
		strv_addf(warnings, "%s; the default counts: \"%s\"", what,
			  settings_get(s, rule->id));
	}
	return 0;
}

void settings_print(const struct settings *s, struct buf *b)
{
	for (size_t i = 0; i < SETTING_COUNT_; i++)
		buf_addf(b, "%s=%s  (%s)\n", settings_table[i].name,
			 settings_get(s, (enum setting)i), settings_source(s, (enum setting)i));
}

/*
 * Find the name in $name or ${name} at the beginning of s, which begins with '$'.  Returns the
 * length of the whole reference, or 0 if s begins with neither of the two.
 */
static size_t settings_reference(const char *s, const char **ret_name, size_t *ret_n)
{
	bool brace = s[1] == '{';
	const char *name = s + 1 + brace;
	size_t n = settings_name_length(name);

	if (!n || (brace && name[n] != '}'))
		return 0;
	*ret_name = name;
	*ret_n = n;
	return 1 + n + 2 * (size_t)brace;
}

/*
 * Returns VALUE of the last string NAME=VALUE in `vars` whose NAME is `name`; NULL: there is none.
 */
static const char *settings_lookup(const struct strv *vars, const char *name, size_t n)
{
	for (size_t i = vars->n; i-- > 0;) {
		if (strncmp(vars->v[i], name, n) == 0 && vars->v[i][n] == '=')
			return vars->v[i] + n + 1;
	}
	return NULL;
}

char *settings_expand(const char *templ, const struct strv *vars)
{
	struct buf b = BUF_INIT;

	while (*templ) {
		const char *name, *value;
		size_t name_n, n = *templ == '$' ? settings_reference(templ, &name, &name_n) : 0;

		if (!n) {
			buf_addch(&b, *templ++);
			continue;
		}
		value = settings_lookup(vars, name, name_n);
		buf_adds(&b, value ? value : "");
		templ += n;
	}
	return buf_detach(&b);
}

void settings_pairs_release(struct settings_pairs *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].value);
	free(p->v);
	*p = (struct settings_pairs){ 0 };
}

/*
 * settings_parse_plain() knows that part of the shell's grammar whose result is certain.  Anything
 * else makes a line "not plain", and bash must evaluate the file.
 */
struct plain {
	const char *s;
	unsigned int line;
	struct strv vars; /* assignments so far, "name=value" */
};

/* Does DKMS set this variable before it evaluates the file?  If so, $NAME stays in the value. */
static bool plain_is_dkms_variable(const char *name, size_t n)
{
	static const char names[] =
		"dkms_tree source_tree install_tree tmp_location running_distribution";
	AUTO_FREE char *word = xstrndup(name, n);

	for (size_t i = 0; settings_late[i]; i++) {
		if (strcmp(settings_late[i], word) == 0)
			return true;
	}
	return settings_is_choice(names, word);
}

/*
 * Read the reference at p->s, which begins with '$': append what the reference stands for, and step
 * over it.  `single`: the reference is in single quotes.  Returns false if the reference needs a
 * shell.
 */
static bool plain_reference(struct plain *p, bool single, struct buf *value)
{
	const char *name, *known;
	size_t name_n, n = settings_reference(p->s, &name, &name_n);

	if (!n) {
		/* $(...), ${x:-y}, $1, $? and the like need a shell.  A lone '$' is itself. */
		if (p->s[1] && strchr("({[@*#?-!0123456789'\"$", p->s[1]))
			return false;
		buf_addch(value, *p->s++);
		return true;
	}
	known = single ? NULL : settings_lookup(&p->vars, name, name_n);
	if (known)
		buf_adds(value, known);
	else if (plain_is_dkms_variable(name, name_n))
		buf_add(value, p->s, n);
	else
		return false;
	p->s += n;
	return true;
}

/*
 * Read up to the closing quote, and step over that quote.  p->s is behind the opening quote.
 * Returns false if the text needs a shell, or if there is no closing quote.
 */
static bool plain_quoted(struct plain *p, char quote, struct buf *value)
{
	const char *bad = quote == '\'' ? "\\`\"*?[" : "\\`*?[";

	while (*p->s && *p->s != quote) {
		if (strchr(bad, *p->s))
			return false;
		if (*p->s == '\n')
			p->line++;
		if (*p->s != '$')
			buf_addch(value, *p->s++);
		else if (!plain_reference(p, quote == '\'', value))
			return false;
	}
	return *p->s && *p->s++ == quote;
}

/*
 * Read one word of the shell, up to white space, and append its text.  Returns false if the word
 * needs a shell.
 */
static bool plain_value(struct plain *p, struct buf *value)
{
	if (*p->s == '~')
		return false;
	while (*p->s && !strchr(" \t\n", *p->s)) {
		bool ok = true;
		char c = *p->s;

		if (strchr("\\`*?[;&|<>()!~{}", c))
			return false;
		if (c == '\'' || c == '"') {
			p->s++;
			ok = plain_quoted(p, c, value);
		} else if (c == '$') {
			ok = plain_reference(p, false, value);
		} else {
			buf_addch(value, *p->s++);
		}
		if (!ok)
			return false;
	}
	return true;
}

/* Skip blanks and a comment.  True if the line ends there; its newline is not skipped. */
static bool plain_rest(struct plain *p)
{
	size_t n = strspn(p->s, " \t");

	if (p->s[n] == '#' && (n || p->s[0] == '#'))
		n += strcspn(p->s + n, "\n");
	if (p->s[n] == '\r' && (!p->s[n + 1] || p->s[n + 1] == '\n'))
		n++;
	p->s += n;
	return !*p->s || *p->s == '\n';
}

/*
 * Returns what DKMS's second expansion makes of a value: each run of white space becomes one blank,
 * and a final CR is lost.  Caller frees.
 */
static char *plain_second_pass(const char *value)
{
	struct buf b = BUF_INIT;
	size_t n = strlen(value);

	if (n && value[n - 1] == '\r')
		n--;
	for (size_t i = 0; i < n; i++) {
		if (!strchr(" \t\n", value[i]))
			buf_addch(&b, value[i]);
		else if (!i || !strchr(" \t\n", value[i - 1]))
			buf_addch(&b, ' ');
	}
	return buf_detach(&b);
}

static bool plain_assignment(struct plain *p, struct settings_pairs *found)
{
	AUTO_BUF struct buf value = BUF_INIT;
	const char *name = p->s;
	size_t n = settings_name_length(name);
	enum setting id = settings_find_word(name, n);
	unsigned int line = p->line;

	if (!n || name[n] != '=')
		return false;
	p->s += n + 1;
	if (!plain_value(p, &value) || !plain_rest(p))
		return false;
	strv_addf(&p->vars, "%.*s=%s", (int)n, name, value.s);
	if (id != SETTING_COUNT_) {
		struct settings_pair pair = { id, plain_second_pass(value.s), line };

		VEC_PUSH(found->v, found->n, pair);
	}
	return true;
}

bool settings_parse_plain(const char *text, struct settings_pairs *found, unsigned int *ret_line)
{
	struct plain p = { .s = text, .line = 1, .vars = STRV_INIT };
	unsigned int line = 0;
	bool ok = true;

	while (ok) {
		p.s += strspn(p.s, " \t");
		line = p.line;
		ok = plain_rest(&p) || plain_assignment(&p, found);
		if (!ok || !*p.s)
			break;
		p.s++;
		p.line++;
	}
	strv_release(&p.vars);
	if (!ok)
		*ret_line = line;
	return ok;
}
