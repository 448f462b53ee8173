/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * states - what the machine may look like before, during and after an operation, and whether it
 * does.
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

/* Bring the machine there; *ret_before is a copy of it, to be freed. */
void states_prepare(const struct operation *op, struct states *s, char **ret_before);
void states_release(struct states *s);

/* The machine now, a line an entry, without what no promise is made about. */
void look(struct strv *ret);
/* The first invariant, also of what no recovery has seen yet. */
void check_raw(const struct operation *op, const struct states *s, const char *what);
/* The next command puts things in order. */
void recover(const struct operation *op, const char *what);
/* The second one, after that.  only_after: success had been reported. */
void check_state(const struct operation *op, const struct states *s, bool only_after,
		 const char *what);
