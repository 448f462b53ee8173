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

static int lines_damaged(struct err *err, unsigned int line, const char *why)
{
	return err_set(err, -E_CORRUPT, "line %u: %s", line, why);
}

static bool lines_is_first(const struct strv *word, const char *name)
{
	return word->n == 2 && str_begins(word->v[0], "dkms-") &&
	       strcmp(word->v[0] + 5, name) == 0 && strcmp(word->v[1], "1") == 0;
}

static bool lines_is_last(const struct strv *word)
{
	return word->n == 1 && strcmp(word->v[0], "end") == 0;
}

/* The first bad line, and the number of bad lines. */
struct lines_refused {
	unsigned int line;
	const char *why;
	size_t n;
};

static void lines_refuse(struct lines_refused *bad, unsigned int line, const char *why)
{
	if (bad->n++ == 0) {
		bad->line = line;
		bad->why = why;
	}
}

/* Is the current line the last one of the file, without newline?  If so, its rest may be lost. */
static bool lines_is_cut(const struct words *w, const char *start)
{
	return w->at == w->end && w->end > start && w->end[-1] != '\n';
}

static void lines_read_body(struct words *w, lines_fn fn, void *data, struct lines_refused *bad)
{
	const char *start = w->at;
	const char *why;
	int r;

	while ((r = words_next(w)) != 0) {
		if (r > 0 && lines_is_last(&w->word)) {
			if (words_next(w))
				lines_refuse(bad, w->line, "text after the end");
			return;
		}
		why = r < 0		       ? "not readable"
		      : lines_is_cut(w, start) ? "cut off"
					       : fn(&w->word, data);
		if (why)
			lines_refuse(bad, w->line, why);
	}
	lines_refuse(bad, w->line, "cut off, the end is missing");
}

static int lines_tell_refused(const struct lines_refused *bad, struct err *err)
{
	if (bad->n == 0)
		return 0;
	if (bad->n == 1)
		return lines_damaged(err, bad->line, bad->why);
	return err_set(err, -E_CORRUPT, "line %u: %s, and %zu more like it", bad->line, bad->why,
		       bad->n - 1);
}

int lines_read(const char *text, size_t len, const char *name, lines_fn fn, void *data,
	       struct err *err)
{
	struct lines_refused bad = { 0, NULL, 0 };
	struct words w;
	int r;

	words_begin(&w, text, len);
	r = words_next(&w);
	if (r <= 0 || !lines_is_first(&w.word, name))
		r = err_set(err, -E_CORRUPT, "it does not begin with \"dkms-%s 1\"", name);
	else
		lines_read_body(&w, fn, data, &bad);
	words_end(&w);
	return r < 0 ? r : lines_tell_refused(&bad, err);
}

/* The data of lines_strict_line(), which calls fn until fn refuses a line. */
struct lines_strict {
	lines_fn fn;
	void *data;
	bool failed;
};

static const char *lines_strict_line(const struct strv *words, void *data)
{
	struct lines_strict *s = data;
	const char *why = s->failed ? NULL : s->fn(words, s->data);

	s->failed |= why != NULL;
	return why;
}

int lines_parse(const char *text, const char *name, lines_fn fn, void *data, struct err *err)
{
	struct lines_strict s = { fn, data, false };

	return lines_read(text, strlen(text), name, lines_strict_line, &s, err);
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

bool lines_digest(const char *s)
{
	return s && strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}
