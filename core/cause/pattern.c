/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cause/pattern.h"

#include "base/alloc.h"

/* Where the piece first stands in the line or, if `at_end`, at the line's end; NULL: nowhere. */
static const char *pattern_find(const char *piece, size_t len, const char *line, bool at_end)
{
	const char *at = line;
	size_t rest;

	if (at_end) {
		rest = strlen(line);
		return rest >= len && !memcmp(line + rest - len, piece, len) ? line + rest - len
									     : NULL;
	}
	for (; len && (at = strchr(at, *piece)); at++)
		if (!strncmp(at, piece, len))
			return at;
	return len ? NULL : line;
}

/* Is [from, to) a name? */
static bool pattern_is_name(const char *from, const char *to)
{
	if (to <= from)
		return false;
	for (; from < to; from++)
		if (*from == '\'' || *from == '"' || *from == ' ')
			return false;
	return true;
}

/* As pattern_fits(), but the first piece of the pattern must stand at `at`. */
static bool pattern_fits_at(const char *pattern, const char *at, const char **ret_from,
			    const char **ret_to)
{
	const char *from = NULL, *to = NULL;
	char gap = '\0';

	for (;;) {
		size_t len = strcspn(pattern, "~%$");
		bool at_end = pattern[len] == '$' && !pattern[len + 1];
		const char *found = at;

		if (!gap && strncmp(at, pattern, len) != 0)
			return false;
		if (!gap && at_end && at[len])
			return false;
		/* A name has at least one byte. */
		if (gap == '%' && !*at)
			return false;
		if (gap)
			found = pattern_find(pattern, len, gap == '%' ? at + 1 : at, at_end);
		if (!found)
			return false;
		if (gap == '%') {
			from = at;
			to = len || at_end ? found : at + strcspn(at, " '\"");
		}
		if (!pattern[len] || at_end)
			break;
		at = found + len;
		gap = pattern[len];
		pattern += len + 1;
	}
	if (from && !pattern_is_name(from, to))
		return false;
	*ret_from = from;
	*ret_to = to;
	return true;
}

/* For a pattern that begins with a name: find what follows the name, then the name before that. */
static bool pattern_fits_name_first(const char *pattern, const char *line, const char **ret_from,
				    const char **ret_to)
{
	size_t len = strcspn(pattern + 1, "~%$");

	for (const char *at = line; (at = pattern_find(pattern + 1, len, at, false)); at++) {
		const char *from = at;

		while (from > line && pattern_is_name(from - 1, from))
			from--;
		if (from < at && pattern_fits_at(pattern, from, ret_from, ret_to))
			return true;
	}
	return false;
}

/* As pattern_fits(), for a pattern that does not begin with a name, anywhere in the line. */
static bool pattern_fits_anywhere(const char *pattern, const char *line, const char **ret_from,
				  const char **ret_to)
{
	size_t len = strcspn(pattern, "~%$");

	for (const char *at = line; (at = pattern_find(pattern, len, at, false)); at++) {
		if (pattern_fits_at(pattern, at, ret_from, ret_to))
			return true;
		if (!*at)
			break;
	}
	return false;
}

bool pattern_fits(const char *pattern, const char *line, char **ret_name)
{
	const char *from = NULL, *to = NULL;
	bool fits;

	if (*pattern == '^')
		fits = pattern_fits_at(pattern + 1, line, &from, &to);
	else if (*pattern == '%')
		fits = pattern_fits_name_first(pattern, line, &from, &to);
	else
		fits = pattern_fits_anywhere(pattern, line, &from, &to);
	if (fits)
		*ret_name = from ? xstrndup(from, (size_t)(to - from)) : NULL;
	return fits;
}

static void pattern_add_pair(struct pattern_pairs *p, char a, char b)
{
	unsigned int bit = ((unsigned char)a * 31U + (unsigned char)b) % (64 * PATTERN_WORDS);

	p->words[bit / 64] |= (uint64_t)1 << (bit % 64);
}

struct pattern_pairs pattern_pairs_of_line(const char *line)
{
	struct pattern_pairs p = { { 0 } };

	for (; line[0] && line[1]; line++)
		pattern_add_pair(&p, line[0], line[1]);
	return p;
}

struct pattern_pairs pattern_pairs_of_pattern(const char *pattern)
{
	struct pattern_pairs p = { { 0 } };

	pattern += *pattern == '^';
	for (; pattern[0] && pattern[1]; pattern++)
		if (!strchr("~%$", pattern[0]) && !strchr("~%$", pattern[1]))
			pattern_add_pair(&p, pattern[0], pattern[1]);
	return p;
}

bool pattern_pairs_may_fit(const struct pattern_pairs *pattern, const struct pattern_pairs *line)
{
	for (size_t i = 0; i < PATTERN_WORDS; i++)
		if (pattern->words[i] & ~line->words[i])
			return false;
	return true;
}
