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
 * Offer a word, which must live as long as `s`.  Its distance is how many letters must be added,
 * left out, replaced, or swapped with the next one to turn s->typed into the word.  If the word
 * begins with s->typed, and s->typed has three letters or more, the distance is 1.
 *
 * The word becomes s->best if its distance is smaller than that of the best one so far, and at most
 * a third of the length of the longer of the two, s->typed and the word.
 */
void similar_offer(struct similar *s, const char *word);
