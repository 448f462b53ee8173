/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * release - the words that name a kernel, where they may differ between two kernels.  Pure.
 *
 * A kernel "6.1.0-56-amd64" has two words: its release, and "6.1.0-56", which names the part of the
 * headers that its flavours share.  Paths of the headers have one of them.  A word counts where no
 * letter or digit is next to it: "6.1.0-5" does not occur in "6.1.0-56".
 */
#include "base/buf.h"
#include "base/strv.h"

#define RELEASE_WORDS 2

struct release_words {
	char *word[RELEASE_WORDS]; /* the release first; the second may be NULL */
};
void release_words_init(struct release_words *w, const char *release);
void release_words_release(struct release_words *w);

/* Append the text; in the place of each word stands a mark that no text has. */
void release_words_mask(const struct release_words *w, const char *s, size_t len, struct buf *b);
/* The way back.  Returns false, and appends a part, if a mark is of a word that `w` lacks. */
bool release_words_unmask(const struct release_words *w, const char *s, size_t len,
			  struct buf *b) MUST_CHECK;
/* Are the letters of a word anywhere in the text, even as a part of another word? */
bool release_words_in(const struct release_words *w, const char *s, size_t len);
/* The next word at or after *at; *ret is which.  Returns false if there is none. */
bool release_words_next(const struct release_words *w, const char *s, size_t len, size_t *at,
			unsigned int *ret);
/* Has each word of `a` the same length as that of `b`? */
bool release_words_fit(const struct release_words *a, const struct release_words *b);
/* Append the text with the words of `from` replaced by those of `to`. */
void release_words_replace(const struct release_words *from, const struct release_words *to,
			   const char *s, size_t len, struct buf *b);
