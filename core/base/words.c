/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/words.h"

#include <string.h>

#include "base/buf.h"

void words_begin(struct words *w, const char *text, size_t len)
{
	*w = (struct words){ .at = text, .end = text + len, .word = STRV_INIT };
}

void words_end(struct words *w)
{
	strv_release(&w->word);
}

static bool words_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool words_split(struct words *w, const char *p, const char *end)
{
	strv_release(&w->word);
	for (;;) {
		struct buf b = BUF_INIT;
		const char *start;

		while (p < end && words_is_blank(*p))
			p++;
		if (p == end)
			return true;
		for (start = p; p < end && !words_is_blank(*p); p++)
			;
		if (!buf_add_unescaped(&b, start, (size_t)(p - start))) {
			buf_release(&b);
			return false;
		}
		strv_take(&w->word, buf_detach(&b));
	}
}

int words_next(struct words *w)
{
	while (w->at < w->end) {
		const char *start = w->at;
		const char *nl = memchr(start, '\n', (size_t)(w->end - start));
		const char *end = nl ? nl : w->end;

		w->at = nl ? nl + 1 : w->end;
		w->line++;
		if (start < end && *start == '#')
			continue;
		if (!words_split(w, start, end))
			return -1;
		if (w->word.n)
			return 1;
	}
	return 0;
}

/* VALUE if the word is "KEY=VALUE", else NULL. */
static const char *words_value_of(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

const char *words_value(const struct strv *word, size_t first, const char *key)
{
	const char *value = NULL;

	for (size_t i = first; i < word->n && !value; i++)
		value = words_value_of(word->v[i], key);
	return value;
}

void words_values(const struct strv *word, size_t first, const char *key, struct strv *ret)
{
	for (size_t i = first; i < word->n; i++) {
		const char *value = words_value_of(word->v[i], key);

		if (value)
			strv_add(ret, value);
	}
}

int words_index(const char *const *names, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], word) == 0)
			return (int)i;
	}
	return -1;
}
