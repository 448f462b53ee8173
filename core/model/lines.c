/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/lines.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/words.h"

void lines_add_word(struct buf *b, const char *word)
{
	buf_addch(b, ' ');
	buf_add_escaped(b, word);
}

void lines_add_value(struct buf *b, const char *key, const char *value)
{
	AUTO_FREE char *word = NULL;

	if (!value)
		return;
	word = xasprintf("%s=%s", key, value);
	lines_add_word(b, word);
}

static int damaged(struct err *err, unsigned int line, const char *why)
{
	return err_set(err, -E_CORRUPT, "line %u: %s", line, why);
}

static bool is_first(const struct strv *word, const char *name)
{
	return word->n == 2 && strncmp(word->v[0], "dkms-", 5) == 0 &&
	       strcmp(word->v[0] + 5, name) == 0 && strcmp(word->v[1], "1") == 0;
}

static bool is_last(const struct strv *word)
{
	return word->n == 1 && strcmp(word->v[0], "end") == 0;
}

static int parse(struct words *w, const char *name, lines_fn fn, void *data, struct err *err)
{
	const char *problem;
	int r = words_next(w);

	if (r <= 0 || !is_first(&w->word, name))
		return err_set(err, -E_CORRUPT, "it does not begin with \"dkms-%s 1\"", name);
	while ((r = words_next(w)) > 0) {
		if (is_last(&w->word))
			return words_next(w) ? damaged(err, w->line, "text after the end") : 0;
		problem = fn(&w->word, data);
		if (problem)
			return damaged(err, w->line, problem);
	}
	return damaged(err, w->line, r < 0 ? "not readable" : "cut off, the end is missing");
}

int lines_parse(const char *text, const char *name, lines_fn fn, void *data, struct err *err)
{
	struct words w;
	int r;

	words_begin(&w, text, strlen(text));
	r = parse(&w, name, fn, data, err);
	words_end(&w);
	return r;
}

bool lines_u64(const char *word, uint64_t *ret)
{
	unsigned long long n;
	char *end;

	if (!word || *word < '0' || *word > '9')
		return false;
	errno = 0;
	n = strtoull(word, &end, 10);
	if (*end || errno)
		return false;
	*ret = n;
	return true;
}

bool lines_i64(const char *word, int64_t *ret)
{
	uint64_t n;
	bool negative = word && *word == '-';

	if (!word || !lines_u64(word + negative, &n) || n > (uint64_t)INT64_MAX)
		return false;
	*ret = negative ? -(int64_t)n : (int64_t)n;
	return true;
}
