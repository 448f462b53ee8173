/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cause/line.h"

#include <string.h>

void line_release(struct line *l)
{
	buf_release(&l->text);
	buf_release(&l->plain);
}

/* Skip an escape sequence of a terminal; `s` is at the first byte after ESC. */
static const char *line_skip_escape(const char *s, const char *end)
{
	if (s < end && *s == '[') {
		for (s++; s < end && !(*s >= 0x40 && *s <= 0x7e);)
			s++;
		return s < end ? s + 1 : s;
	}
	if (s < end && *s == ']') {
		while (s < end && *s != '\a' && *s != '\033')
			s++;
		if (s + 1 < end && *s == '\033' && s[1] == '\\')
			s++;
	}
	return s < end ? s + 1 : s;
}

/* Where the text that a terminal shows begins: after the last \r that does not end the line. */
static const char *line_after_return(const char *from, const char *to)
{
	while (to > from && to[-1] == '\r')
		to--;
	for (const char *at = to; at > from; at--)
		if (at[-1] == '\r')
			return at;
	return from;
}

static void line_clean(struct buf *b, const char *s, const char *end)
{
	buf_reset(b);
	while (s < end && b->len < LINE_BYTES_MAX) {
		unsigned char c = (unsigned char)*s++;

		if (c == 0x1b)
			s = line_skip_escape(s, end);
		else if (c >= 0x20 && c != 0x7f)
			buf_addch(b, (char)c);
		else if ((c == '\t' || c == '\0') && b->len)
			buf_addch(b, ' ');
	}
	while (b->len && b->s[b->len - 1] == ' ')
		buf_truncate(b, b->len - 1);
}

static bool line_is_digits(const char *s, const char *form)
{
	for (; *form; s++, form++)
		if (*form == '0' ? !(*s >= '0' && *s <= '9') : *s != *form)
			return false;
	return true;
}

/* Skip "Nov 15 23:27:14 host dkms[2364]: ", as the journal has it. */
static const char *line_skip_journal(const char *s)
{
	const char *end = strstr(s, "]: "), *at = end, *time;

	while (at && at > s && at[-1] >= '0' && at[-1] <= '9')
		at--;
	if (!at || at == end || at == s || at[-1] != '[')
		return s;
	for (time = s; time < at; time++)
		if (line_is_digits(time, " 00:00:00 "))
			return end + strlen("]: ");
	return s;
}

/* Skip "  12 \u2502 ", as bat has it, and "#29 16.67 " of docker build. */
static const char *line_skip_number(const char *s)
{
	static const char bar[] = " \xe2\x94\x82 ", digits[] = "0123456789";
	const char *at = s + strspn(s, digits);

	if (*s == '#' && s[1 + strspn(s + 1, digits)] == ' ') {
		at = s + 1 + strspn(s + 1, digits) + 1;
		if (at - s > 2 && strchr(digits, *at) && at[strspn(at, "0123456789.")] == ' ')
			return at + strspn(at, "0123456789.") + 1;
		return s;
	}
	return at > s && str_begins(at, bar) ? at + strlen(bar) : s;
}

/* Skip "NAME> " of `nix log`, "NAME | " of docker compose, and "[NAME] " of other builders. */
static const char *line_skip_name(const char *s)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz0123456789+-._";
	size_t n = strspn(s, chars), blanks;

	if (*s == '[' && str_begins(s + 1 + strspn(s + 1, chars), "] "))
		return s + 1 + strspn(s + 1, chars) + strlen("] ");
	if (!n)
		return s;
	if (str_begins(s + n, "> "))
		return s + n + strlen("> ");
	blanks = strspn(s + n, " ");
	return blanks && str_begins(s + n + blanks, "| ") && strspn(s, "0123456789") < n
		       ? s + n + blanks + strlen("| ")
		       : s;
}

/*
 * Skip what any other program puts before a line in which make says that it stops.  If there is a
 * quotation mark or a bar before "make", the line only quotes make, and nothing is skipped.
 */
static const char *line_skip_to_make(const char *s)
{
	const char *stars = strstr(s, ": *** "), *at = stars;

	while (at && at > s && !strchr(" '\"", at[-1]))
		at--;
	return at && str_begins(at, "make") && strcspn(s, "'\"|") >= (size_t)(at - s) ? at : s;
}

const char *line_skip_prefix(const char *s)
{
	static const char akmods[] = "0000/00/00 00:00:00 akmodsbuild: ";

	while (str_begins(s, "> "))
		s += strlen("> ");
	/* BitBake begins each line so.  A compiler's bar has blanks, or marks, after it. */
	if (str_begins(s, "| ") &&
	    (!strspn(s + 2, " ^~") || str_begins(s + 1 + strspn(s + 1, " "), "ERROR: ")))
		s += strlen("| ");
	if (line_is_digits(s, "0000-00-00T00:00:00") && strchr(s, ' '))
		s = strchr(s, ' ') + 1;
	else if (line_is_digits(s, akmods))
		s += strlen(akmods);
	else
		s = line_skip_journal(line_skip_name(line_skip_number(s)));
	return line_skip_to_make(s + strspn(s, " "));
}

/* The character for which the HTML entity at s stands; *n is the entity's length.  0: none. */
static char line_entity(const char *s, size_t *n)
{
	static const struct {
		const char *html;
		char ch;
	} entities[] = { { "&#x27;", '\'' }, { "&#39;", '\'' }, { "&quot;", '"' },
			 { "&lt;", '<' },    { "&gt;", '>' },	{ "&amp;", '&' } };

	for (size_t i = 0; *s == '&' && i < ARRAY_SIZE(entities); i++) {
		*n = strlen(entities[i].html);
		if (str_begins(s, entities[i].html))
			return entities[i].ch;
	}
	return 0;
}

/*
 * Copy s, with ' and " in place of ` and of the curly quotation marks (U+2018 to U+201F).  Logs
 * that were copied from forums have "**\*" instead of "***", or HTML entities: undo that.
 */
static void line_plain(struct buf *b, const char *s)
{
	buf_reset(b);
	for (; *s; s++) {
		unsigned char last = 0;
		size_t n = 0;
		char ch = line_entity(s, &n);

		if (ch) {
			buf_addch(b, ch);
			s += n - 1;
			continue;
		}
		if (str_begins(s, "**\\*")) {
			buf_add(b, "**", 2);
			s += strlen("**\\");
		}
		if (!strncmp(s, "\xe2\x80", 2))
			last = (unsigned char)s[2];
		if (last >= 0x98 && last <= 0x9f)
			s += 2;
		if ((last >= 0x98 && last <= 0x9b) || *s == '`')
			buf_addch(b, '\'');
		else if (last >= 0x9c && last <= 0x9f)
			buf_addch(b, '"');
		else
			buf_addch(b, *s);
	}
}

/* What follows "error: " in a compiler's line. */
static const char *line_error(const char *s)
{
	/*
	 * Kbuild takes LC_ALL from the environment, so gcc may speak any language of its
	 * catalogues.
	 */
	static const char *const marks[] = {
		": error: ",
		": fatal error: ",
		": Error: ",
		": Fehler: ",
		": schwerwiegender Fehler: ",
		": erreur: ",
		": erreur fatale: ",
		": error fatal: ",
		": ошибка: ",
		": фатальная ошибка: ",
		": エラー: ",
		": 致命的エラー: ",
		": 错误：",
		": 致命错误：",
		": 錯誤：",
		": 嚴重錯誤：",
		": fel: ",
		": ödesdigert fel: ",
		": помилка: ",
		": критична помилка: ",
		": hata: ",
		": ölümcül hata: ",
		": fout: ",
		": fatale fout: ",
		": fejl: ",
		": fatal fejl: ",
		": virhe: ",
		": vakava virhe: ",
	};
	static const char *const starts[] = { "error: ", "fatal error: " };
	const char *best = NULL;

	/* These only say that a program failed; its own message stands in an earlier line. */
	if (str_begins(s, "collect2: ") || strstr(s, "error: linker command failed") ||
	    str_begins(s, "error: Bad exit status from "))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (str_begins(s, starts[i]))
			return s + strlen(starts[i]);
	if (str_begins(s, "error[E") && strstr(s, "]: "))
		return strstr(s, "]: ") + 3;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const char *at = strstr(s, marks[i]);

		if (at && (!best || at + strlen(marks[i]) < best))
			best = at + strlen(marks[i]);
	}
	return best;
}

bool line_next(struct line *l, const char **at, const char *end)
{
	const char *from = *at, *to;

	if (from >= end)
		return false;
	to = memchr(from, '\n', (size_t)(end - from));
	*at = to ? to + 1 : end;
	if (!to)
		to = end;
	from = line_after_return(from, to);
	while (from < to && *from == ' ')
		from++;
	line_clean(&l->text, from, to);
	line_plain(&l->plain, line_skip_prefix(l->text.s));
	l->error = line_error(l->plain.s);
	return true;
}

bool line_is_header(const struct line *l)
{
	return str_begins(l->plain.s, "DKMS ") && strstr(l->plain.s, "make.log for ");
}

bool line_names_recipe(const struct line *l)
{
	static const char *const words[] = { ": recipe for target '", ": die Regel für Ziel ",
					     ": la recette pour la cible ",
					     ": fallo en las instrucciones para el objetivo ",
					     ": ошибка выполнения рецепта для цели " };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(l->plain.s, words[i]))
			return true;
	return false;
}

bool line_is_frame(const struct line *l)
{
	return str_begins(l->plain.s, "# ") || str_begins(l->plain.s, "--------") ||
	       line_is_header(l);
}

/* Does a compiler quote the source in it, "  12 | code"?  Such a line may hold any text. */
static bool line_is_quote(const char *s)
{
	s += strspn(s, " 0123456789");
	return *s == '|';
}

/* Does it end in "> FILE"?  A "> 6.1" does not count: 6.1 is the version of a kernel. */
static bool line_ends_with_redirection(const char *s)
{
	const char *at = strstr(s, " > ");

	return at && at[3] && !strchr("0123456789", at[3]) && !strchr(at + 3, ' ');
}

/*
 * Is it a command that make prints?  Such a line
 *   - begins with "./" and has no ':';
 *   - has a first word without ':', and then an option, as in "gcc -Wall ..."; or
 *   - has a first word without ':', and later " && " or, at its end, "> FILE".
 */
static bool line_is_command(const char *s)
{
	size_t n = strcspn(s, " :'\"");

	if (str_begins(s, "./") && !strchr(s, ':'))
		return true;
	if (!n || s[n] != ' ')
		return false;
	if (!strstr(s, "rror: ") && (line_ends_with_redirection(s) || strstr(s, " && ")))
		return true;
	return s[n + 1] == '-' && s[n + 2] != ' ' && s[n + 2] &&
	       (!strstr(s, "error: ") || strstr(s, " -o ") || str_begins(s, "echo "));
}

/* Is it a line in which a packager's tool only says that a build has failed? */
static bool line_is_of_packager(const char *s)
{
	static const char *const parts[] = {
		"A failure occurred in ", /* makepkg */
		" failed to build.",	  /* OpenWrt */
		"dependencies of derivation '",
		"error: builder for '", /* Nix */
		"oe_runmake failed",	/* BitBake */
		"do_compile: Execution",
		"ERROR: Logfile of failure ",
		"returned a non-zero code",	/* docker build */
		"returned exit code ",		/* debhelper */
		"subprocess returned ",		/* dpkg */
		"error: Bad exit status from ", /* rpmbuild */
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(s, parts[i]))
			return true;
	return false;
}

bool line_may_be_cause(const struct line *l)
{
	static const char *const parts[] = { ": warning: ", ": note: ", "*** Deleting file",
					     ": some warnings being treated as errors",
					     "*** Deleting intermediate file" };
	static const char *const starts[] = { "warning: ",
					      "WARNING: ",
					      "Warning: ",
					      "note: ",
					      "! Warning",
					      "! WARNING",
					      "In file included from ",
					      "from /",
					      "CC [M] ",
					      "LD [M] ",
					      "make -",
					      "patching file ",
					      "Checking ",
					      "checking ",
					      "echo ",
					      "if ",
					      "test ",
					      "Resolving ",
					      "[... about " };
	const char *s = l->plain.s;

	if (!*s || line_is_quote(s) || line_is_command(s) || line_is_of_packager(s))
		return false;
	/* autoconf says in which folder it fails, and then why, in two lines that begin alike. */
	if (str_begins(s, "configure: error: in '") && str_ends(s, "':"))
		return false;
	/* objtool says so even if it then fails; configure ends the line of a check so. */
	if (strstr(s, ": warning: objtool: ") || strstr(s, "... configure: error:"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(s, parts[i]))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (str_begins(s, starts[i]))
			return false;
	/* make waits for other jobs.  In any language, this line ends in three dots or more. */
	if (strstr(s, ": *** ") && (str_ends(s, "...") || str_ends(s, "\xe2\x80\xa6")))
		return false;
	return true;
}
