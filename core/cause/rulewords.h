/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rulewords - the words in which the tables of rules are written.
 *
 *	ANY       the pattern is tried on the whole line
 *	WHEN      the same, and the name in the line must be of this kind
 *	PASSES    as ANY, but the next try may succeed
 *	NEXT      as ANY, but if the line ends with ":", the next one has the reason
 *	ERR       the pattern is tried on what follows a compiler's "error: "
 *	ERR_WHEN  the same, and the name in the line must be of this kind
 *	FOLLOWS   as ERR, but another error at the same place of the source says more
 */
#include "cause/rules.h"

/* clang-format off */
#define RULE(rank_, class_, when_, error_, pattern_, example_) \
	.rank = RANK_##rank_, .class = CAUSE_##class_, .when = WHEN_##when_, .error = (error_), \
	.pattern = (pattern_), .example = (example_)
#define ANY(rank, class, pattern, example)   { RULE(rank, class, ALWAYS, false, pattern, example) }
#define PASSES(rank, class, pattern, example) \
	{ RULE(rank, class, ALWAYS, false, pattern, example), .passes = true }
#define NEXT(rank, class, pattern, example) \
	{ RULE(rank, class, ALWAYS, false, pattern, example), .next = true }
#define WHEN(rank, class, when, pattern, example)   { RULE(rank, class, when, false, pattern, example) }
#define ERR(rank, class, pattern, example)   { RULE(rank, class, ALWAYS, true, pattern, example) }
#define ERR_WHEN(rank, class, when, pattern, example)   { RULE(rank, class, when, true, pattern, example) }
#define FOLLOWS(rank, class, pattern, example) \
	{ RULE(rank, class, ALWAYS, true, pattern, example), .follows = true }
/* clang-format on */
