/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * words - lines of escaped words, the format of all our small text files (event, world, plan,
 * journal, record, ledgers).
 *
 *	struct words w;
 *
 *	words_begin(&w, text, len);
 *	while ((r = words_next(&w)) > 0)
 *		... w.word.v[0] to w.word.v[w.word.n - 1], w.line
 *	words_end(&w);
 *
 * Lines end with '\n', which the last line may lack.  Words are separated by blanks, tabs or '\r'.
 * words_next() unescapes them (buf_add_escaped() is the inverse).  Empty lines and lines that begin
 * with '#' are skipped.
 */
#include "base/strv.h"

struct words {
	const char *at, *end; /* the text that is not read yet; not owned */
	unsigned int line;    /* number of the current line, from 1 */
	struct strv word;     /* the words of the current line */
};

void words_begin(struct words *w, const char *text, size_t len);
/*
 * Read the next line that has words into w->word.  Returns 1 if there was such a line, 0 at the end
 * of the text, and -1 if line number w->line has a word that buf_add_escaped() cannot have written.
 */
int words_next(struct words *w);
void words_end(struct words *w);
/* Index of `word` in an array of n names; -1: not there. */
int words_index(const char *const *names, size_t n, const char *word);
/* VALUE of the first word "KEY=VALUE" at or after index `first`; NULL if there is none. */
const char *words_value(const struct strv *word, size_t first, const char *key);
/* Append the VALUE of every word "KEY=VALUE" at or after index `first`. */
void words_values(const struct strv *word, size_t first, const char *key, struct strv *ret);
