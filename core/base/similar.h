/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * similar - the word that somebody may have meant, for "Did you mean ...?".
 *
 *	struct similar s = SIMILAR_INIT("instal");
 *
 *	for each known word
 *		similar_offer(&s, word);
 *	if (s.best)
 *		... "Did you mean %s?", s.best
 */
#include "base/util.h"

struct similar {
	const char *typed;
	const char *best; /* not owned; NULL: no word is similar enough */
	size_t distance;  /* of best */
};
#define SIMILAR_INIT(word)      \
	{                       \
		(word), NULL, 0 \
	}

/*
 * Offer a word, which must live as long as `s`.  It becomes the best one if fewer letters must be
 * added, left out, replaced or swapped with the next one than for any word before it, and not more
 * than one in three letters.  A word that begins with what was typed (three letters or more) counts
 * as one letter away.
 */
void similar_offer(struct similar *s, const char *word);
