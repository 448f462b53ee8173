/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rules - what is allowed to a confined child, as a table for people.
 *
 * `dkms config confine` prints it.  tests/escape tries each rule, at each tier.
 */
#include "confine/confine.h"

struct confine_rule {
	const char *what;	    /* "write files" */
	const char *allowed;	    /* what is allowed; "nothing" */
	const char *why;	    /* why it is needed, or why no more is allowed */
	enum confine_tier from, to; /* the tiers that it describes */
};
extern const struct confine_rule confine_rules[];
extern const size_t confine_n_rules;
