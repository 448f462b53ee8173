/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/shelltext.h"

#include <ctype.h>

#include "base/buf.h"

enum {
	NESTED_MAX = 8,	 /* $(...) in $(...) */
	PART_MAX = 4096, /* bytes of one $(...); a longer one is an unclosed one */
};

/* What the next word is. */
enum shell_place { SHELL_WORD, SHELL_WRITTEN, SHELL_READ, SHELL_HEREDOC };

struct shelltext {
	const char *s;
	size_t line;
	struct shell_command c;
	struct buf word;
	bool in_word;
	enum shell_place place;
	unsigned int parentheses, nested;
	struct strv heredocs; /* the words that end them; their text begins with the next line */
	shelltext_fn tell;
	void *data;
};

static void shelltext_read(struct shelltext *t);

static void shell_command_clear(struct shell_command *c)
{
	strv_release(&c->words);
	strv_release(&c->written);
}

static void shelltext_end_word(struct shelltext *t)
{
	if (!t->in_word)
		return;
	if (t->place == SHELL_WORD && !t->c.words.n && !t->c.written.n)
		t->c.line = t->line;
	if (t->place == SHELL_WORD)
		strv_add(&t->c.words, t->word.s);
	else if (t->place == SHELL_WRITTEN)
		strv_add(&t->c.written, t->word.s);
	else if (t->place == SHELL_HEREDOC)
		strv_add(&t->heredocs, t->word.s);
	if (t->place == SHELL_WRITTEN && !t->c.words.n)
		t->c.line = t->line;
	t->place = SHELL_WORD;
	t->in_word = false;
	buf_reset(&t->word);
}

static void shelltext_end_command(struct shelltext *t)
{
	shelltext_end_word(t);
	if (t->c.words.n || t->c.written.n)
		t->tell(&t->c, t->data);
	shell_command_clear(&t->c);
	t->place = SHELL_WORD;
}

static void shelltext_take(struct shelltext *t, size_t n)
{
	for (; n && *t->s; n--, t->s++) {
		t->line += *t->s == '\n';
		buf_addch(&t->word, *t->s);
	}
	t->in_word = true;
}

/* `s` is behind "$(" or "(".  Returns the ")" that closes it, or NULL. */
static const char *shelltext_close(const char *s)
{
	unsigned int open = 1;
	char quote = '\0';

	for (size_t n = 0; s[n] && n < PART_MAX; n++) {
		if (s[n] == '\\' && s[n + 1])
			n++;
		else if (quote)
			quote = s[n] == quote ? '\0' : quote;
		else if (s[n] == '\'' || s[n] == '"')
			quote = s[n];
		else if (s[n] == '(')
			open++;
		else if (s[n] == ')' && --open == 0)
			return s + n;
	}
	return NULL;
}

/* Read the text of $(...), which begins in outer->line, as commands. */
static void shelltext_inside(const struct shelltext *outer, const char *text, size_t len)
{
	AUTO_BUF struct buf inside = BUF_INIT;
	struct shelltext t = { .line = outer->line,
			       .word = BUF_INIT,
			       .c = { .words = STRV_INIT, .written = STRV_INIT },
			       .heredocs = STRV_INIT,
			       .nested = outer->nested + 1,
			       .tell = outer->tell,
			       .data = outer->data };

	buf_add(&inside, text, len);
	if (t.nested > NESTED_MAX || !strpbrk(inside.s, " \t\n"))
		return;
	t.s = inside.s + (str_begins(inside.s, "shell ") ? strlen("shell ") : 0);
	shelltext_read(&t);
}

static void shelltext_dollar(struct shelltext *t)
{
	const char *end = NULL;

	/* In a Makefile "$$(" is the shell's "$(". */
	if (t->s[1] == '$' && t->s[2] == '(')
		t->s++;
	if (t->s[1] == '(')
		end = shelltext_close(t->s + 2);
	if (end && t->s[2] != '(')
		shelltext_inside(t, t->s + 2, (size_t)(end - t->s) - 2);
	shelltext_take(t, end ? (size_t)(end - t->s) + 1 : 1);
}

static void shelltext_quoted(struct shelltext *t)
{
	char quote = *t->s++;

	t->in_word = true;
	while (*t->s && *t->s != quote) {
		if (quote == '"' && *t->s == '$') {
			shelltext_dollar(t);
			continue;
		}
		if (quote == '"' && *t->s == '\\' && t->s[1])
			t->s++;
		shelltext_take(t, 1);
	}
	t->s += *t->s == quote;
}

static void shelltext_skip_line(struct shelltext *t)
{
	t->s += strcspn(t->s, "\n");
}

/* At the end of a line: skip the here-documents that it began. */
static void shelltext_newline(struct shelltext *t)
{
	const char *end;

	shelltext_end_command(t);
	t->s++;
	t->line++;
	STRV_FOREACH (end, &t->heredocs) {
		bool found = false;

		while (*t->s && !found) {
			const char *at = t->s + strspn(t->s, "\t");
			size_t n = strcspn(at, "\r\n");

			found = strlen(end) == n && !strncmp(at, end, n);
			shelltext_skip_line(t);
			t->line += *t->s == '\n';
			t->s += *t->s == '\n';
		}
	}
	strv_release(&t->heredocs);
}

static void shelltext_redirect(struct shelltext *t)
{
	char c = *t->s;

	/* "2>": the word before it is a number of a descriptor. */
	if (t->in_word && t->word.s[strspn(t->word.s, "0123456789")] == '\0') {
		t->in_word = false;
		buf_reset(&t->word);
	}
	shelltext_end_word(t);
	if (c == '<' && t->s[1] == '<' && t->s[2] != '<') {
		t->s += t->s[2] == '-' ? 3 : 2;
		t->place = SHELL_HEREDOC;
		return;
	}
	t->s += strspn(t->s, c == '<' ? "<" : ">|");
	if (*t->s == '&')
		t->s += 1 + strspn(t->s + 1, "0123456789-");
	else
		t->place = c == '<' ? SHELL_READ : SHELL_WRITTEN;
}

static void shelltext_open(struct shelltext *t)
{
	const char *end = shelltext_close(t->s + 1);

	/* An array, X=(a b). */
	if (t->in_word && end && t->word.len && t->word.s[t->word.len - 1] == '=') {
		shelltext_take(t, (size_t)(end - t->s) + 1);
		return;
	}
	/* What stands before "(" is the name of a function, or a keyword.  Drop it. */
	shelltext_end_word(t);
	shell_command_clear(&t->c);
	t->parentheses++;
	t->s++;
}

static void shelltext_closed(struct shelltext *t)
{
	shelltext_end_word(t);
	if (t->parentheses) {
		t->parentheses--;
		shelltext_end_command(t);
	}
	/* A ")" without "(" ends a pattern of case.  Drop the pattern. */
	shell_command_clear(&t->c);
	t->s++;
}

static void shelltext_step(struct shelltext *t)
{
	switch (*t->s) {
	case '\\':
		t->s++;
		if (*t->s == '\n') {
			t->line++;
			t->s++;
		} else if (*t->s) {
			shelltext_take(t, 1);
		}
		break;
	case '\n': shelltext_newline(t); break;
	case '\'':
	case '"': shelltext_quoted(t); break;
	case '$': shelltext_dollar(t); break;
	case '<':
	case '>': shelltext_redirect(t); break;
	case '(': shelltext_open(t); break;
	case ')': shelltext_closed(t); break;
	case ';':
	case '&':
	case '|':
	case '`':
		shelltext_end_command(t);
		t->s++;
		break;
	default:
		if (isspace((unsigned char)*t->s)) {
			shelltext_end_word(t);
			t->s++;
		} else if (*t->s == '#' && !t->in_word) {
			shelltext_skip_line(t);
		} else {
			shelltext_take(t, 1);
		}
	}
}

static void shelltext_read(struct shelltext *t)
{
	while (*t->s)
		shelltext_step(t);
	shelltext_end_command(t);
	shell_command_clear(&t->c);
	strv_release(&t->heredocs);
	buf_release(&t->word);
}

void shelltext_commands(const char *text, shelltext_fn tell, void *data)
{
	struct shelltext t = { .s = text,
			       .line = 1,
			       .word = BUF_INIT,
			       .c = { .words = STRV_INIT, .written = STRV_INIT },
			       .heredocs = STRV_INIT,
			       .tell = tell,
			       .data = data };

	shelltext_read(&t);
}

static bool shelltext_assigns(const char *word)
{
	size_t n = 0;

	while (isalnum((unsigned char)word[n]) || word[n] == '_')
		n++;
	return n && word[n] == '=';
}

size_t shelltext_program(const struct shell_command *c)
{
	static const char *const before[] = { "if",    "then",	  "else", "elif", "do",	  "while",
					      "until", "!",	  "{",	  "time", "exec", "env",
					      "nice",  "command", "eval", "nohup" };
	size_t i = 0;

	for (bool more = true; more && i < c->words.n; i += more) {
		more = shelltext_assigns(c->words.v[i]);
		for (size_t j = 0; !more && j < ARRAY_SIZE(before); j++)
			more = !strcmp(before[j], c->words.v[i]);
	}
	return i;
}
