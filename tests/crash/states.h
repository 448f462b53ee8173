/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * states - the states in which the machine may be before, during and after an operation, and checks
 * of whether it is in one of them.
 */
#include <stdint.h>

#include "base/strv.h"
#include "operations.h"

enum { STATES_MAX = 8 };

struct states {
	struct strv v[STATES_MAX]; /* before, between, after */
	size_t n;
	uint64_t original; /* hash of what must exist somewhere, 0: nothing */
};

/* Bring the machine to the state before.  *ret_before: the path of a copy of it; caller frees. */
void states_prepare(const struct operation *op, struct states *s, char **ret_before);
void states_release(struct states *s);

/* Append a line for each entry of the machine as it is now, except those without a promise. */
void look(struct strv *ret);
/* Check what must hold at every moment, even before a recovery. */
void check_raw(const struct operation *op, const struct states *s, const char *what);
/* Run the next command, which recovers. */
void recover(const struct operation *op, const char *what);
/* Check what must hold after the recovery.  only_after: success had been reported. */
void check_state(const struct operation *op, const struct states *s, bool only_after,
		 const char *what);
