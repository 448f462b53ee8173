/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/similar.h"

#include <stdbool.h>
#include <string.h>

/* Nobody mistypes a longer word than this, and the work grows with the square of the length. */
#define SIMILAR_MAX 64

static size_t similar_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The Damerau-Levenshtein distance: two swapped neighbours count as one change. */
static size_t similar_distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t rows[3][SIMILAR_MAX + 1];
	size_t *older = rows[0], *old = rows[1], *now = rows[2];

	for (size_t j = 0; j <= m; j++)
		old[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *spare = older;

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = similar_min(old[j] + 1, now[j - 1] + 1);
			now[j] = similar_min(now[j], old[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = similar_min(now[j], older[j - 2] + 1);
		}
		older = old;
		old = now;
		now = spare;
	}
	return old[m];
}

void similar_offer(struct similar *s, const char *word)
{
	size_t n = strlen(s->typed), m = strlen(word), distance;
	bool begins = n >= 3 && strncmp(s->typed, word, n) == 0;

	if (!n || !m || n > SIMILAR_MAX || m > SIMILAR_MAX)
		return;
	distance = begins ? 1 : similar_distance(s->typed, n, word, m);
	if (distance * 3 > (n > m ? n : m) || (s->best && distance >= s->distance))
		return;
	s->best = word;
	s->distance = distance;
}
