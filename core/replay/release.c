/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/release.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"

#define MARK '\1' /* followed by the number of the word as a digit */

void release_words_init(struct release_words *w, const char *release)
{
	const char *last = strrchr(release, '-');
	size_t n = last ? (size_t)(last - release) : 0;

	*w = (struct release_words){ .word = { xstrdup(release) } };
	/* "6.1.0-56" and "6.12.9+deb13" are words; the number of an upstream version is none. */
	if (n && (memchr(release, '-', n) || memchr(release, '+', n)))
		w->word[1] = xstrndup(release, n);
}

void release_words_release(struct release_words *w)
{
	for (size_t i = 0; i < RELEASE_WORDS; i++)
		free(w->word[i]);
	*w = (struct release_words){ 0 };
}

static bool release_words_at(const char *s, size_t len, size_t at, const char *word)
{
	size_t n = strlen(word);

	return n && at + n <= len && memcmp(s + at, word, n) == 0 &&
	       (at == 0 || !isalnum((unsigned char)s[at - 1])) &&
	       (at + n == len || !isalnum((unsigned char)s[at + n]));
}

bool release_words_next(const struct release_words *w, const char *s, size_t len, size_t *at,
			unsigned int *ret)
{
	/* Both words begin alike: the second is the beginning of the first. */
	size_t n = strlen(w->word[1] ? w->word[1] : w->word[0]);

	while (*at < len) {
		const char *p = memmem(s + *at, len - *at, w->word[0], n);

		if (!p)
			break;
		*at = (size_t)(p - s);
		for (unsigned int i = 0; i < RELEASE_WORDS; i++) {
			if (w->word[i] && release_words_at(s, len, *at, w->word[i])) {
				*ret = i;
				return true;
			}
		}
		++*at;
	}
	*at = len;
	return false;
}

void release_words_mask(const struct release_words *w, const char *s, size_t len, struct buf *b)
{
	size_t at = 0, from = 0;
	unsigned int i;

	while (release_words_next(w, s, len, &at, &i)) {
		buf_add(b, s + from, at - from);
		buf_addch(b, MARK);
		buf_addch(b, (char)('0' + i));
		from = at += strlen(w->word[i]);
	}
	buf_add(b, s + from, len - from);
}

bool release_words_unmask(const struct release_words *w, const char *s, size_t len, struct buf *b)
{
	const char *end = s + len, *mark;

	while ((mark = memchr(s, MARK, (size_t)(end - s)))) {
		unsigned int i = mark + 1 < end ? (unsigned int)(mark[1] - '0') : RELEASE_WORDS;

		buf_add(b, s, (size_t)(mark - s));
		if (i >= RELEASE_WORDS || !w->word[i])
			return false;
		buf_adds(b, w->word[i]);
		s = mark + 2;
	}
	buf_add(b, s, (size_t)(end - s));
	return true;
}

bool release_words_in(const struct release_words *w, const char *s, size_t len)
{
	const char *shortest = w->word[1] ? w->word[1] : w->word[0];

	return memmem(s, len, shortest, strlen(shortest)) != NULL;
}

bool release_words_fit(const struct release_words *a, const struct release_words *b)
{
	for (size_t i = 0; i < RELEASE_WORDS; i++) {
		if (!a->word[i] != !b->word[i] ||
		    (a->word[i] && strlen(a->word[i]) != strlen(b->word[i])))
			return false;
	}
	return true;
}

void release_words_replace(const struct release_words *from, const struct release_words *to,
			   const char *s, size_t len, struct buf *b)
{
	size_t at = 0, last = 0;
	unsigned int i;

	while (release_words_next(from, s, len, &at, &i)) {
		buf_add(b, s + last, at - last);
		buf_adds(b, to->word[i] ? to->word[i] : "");
		last = at += strlen(from->word[i]);
	}
	buf_add(b, s + last, len - last);
}
