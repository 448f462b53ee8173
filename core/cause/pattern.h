/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pattern - does a line have this form?
 *
 * A pattern is text that may stand anywhere in the line.  In it:
 *
 *	^	at the front: the line begins here
 *	$	at the end: the line ends here
 *	~	any text
 *	%	a name: one byte or more, without quotation marks and blanks.  It ends where the
 *		text that follows it in the pattern first stands.  A name at the front or at the
 *		end of the pattern is a whole word
 *
 * A pattern has one name at most.  '~' and '%' cut the pattern into pieces of text.  Trying a
 * pattern takes time in proportion to the line's length, times the number of places where the first
 * piece stands.
 *
 * Many patterns are tried on each line of a long log, and hardly any of them fits.  So first ask
 * pattern_pairs_may_fit() whether the line has all pairs of neighbouring letters of the pattern.
 * Pure.
 */
#include "base/util.h"

/*
 * Returns false if the line does not fit.  Else *ret_name is the name, which the caller frees, or
 * NULL if the pattern has none.
 */
bool pattern_fits(const char *pattern, const char *line, char **ret_name) MUST_CHECK;

#define PATTERN_WORDS 8
struct pattern_pairs {
	uint64_t words[PATTERN_WORDS];
};
struct pattern_pairs pattern_pairs_of_line(const char *line);
struct pattern_pairs pattern_pairs_of_pattern(const char *pattern);
/* If this is false, pattern_fits() is false, too. */
bool pattern_pairs_may_fit(const struct pattern_pairs *pattern, const struct pattern_pairs *line);
