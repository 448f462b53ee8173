/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * words - lines of escaped words, the form of all our small text files
 * (event, world, plan cases, journal, record, ledger).
 *
 *	struct words w;
 *	words_begin(&w, text, len);
 *	while ((r = words_next(&w)) > 0)
 *		... w.word.v[0 .. w.word.n - 1], w.line
 *	words_end(&w);
 *
 * Lines end with '\n' (the last may lack it), words are separated by blanks
 * and tabs and unescaped (buf_add_escaped() is the inverse).  Empty lines and lines that begin with
 * '#' are passed over.
 */
#include "base/strv.h"

struct words {
	const char *at, *end;
	unsigned int line; /* of the words given last, from 1 */
	struct strv word;
};

void words_begin(struct words *w, const char *text, size_t len);
/* 1: a line; 0: the end; -1: a line (w->line) that is no escaped text, NUL bytes for example. */
int words_next(struct words *w);
void words_end(struct words *w);
/* Index of word in an array of n names; -1 when it is not there. */
int words_index(const char *const *names, size_t n, const char *word);
/* Value of the first word "KEY=VALUE" from index first on, NULL when there is none. */
const char *words_value(const struct strv *word, size_t first, const char *key);
