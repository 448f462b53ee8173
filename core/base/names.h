/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * names - where in an array the elements of a name are.
 *
 * The array belongs to the caller, who adds the name of each element in turn.  A name may come more
 * than once; its elements come back in the order in which they were added:
 *
 *   for (size_t i = names_first(&ix, "dm"); i != NAMES_NONE; i = names_next(&ix, i))
 */
#include <stddef.h>
#include <stdint.h>

#define NAMES_NONE ((size_t)-1)

struct names_slot;

struct names {
	struct names_slot *slots; /* open addressing; at most half of them are taken */
	size_t n_slots, n_taken;
	size_t *next; /* of each element: the next one of the same name */
	size_t n;
};

void names_release(struct names *x);
/* The next element, number x->n.  The name is not copied: it must live as long as the index. */
void names_add(struct names *x, const char *name);
size_t names_first(const struct names *x, const char *name);
size_t names_next(const struct names *x, size_t i);
