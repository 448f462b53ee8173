/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * names - an index from names to the elements of an array.
 *
 * The array belongs to the caller, who adds the name of each element in turn.  Several elements may
 * have the same name; they are found in the order in which they were added:
 *
 *	for (size_t i = names_first(&ix, "dm"); i != NAMES_NONE; i = names_next(&ix, i))
 *
 * A zeroed struct names is an empty index.
 */
#include <stddef.h>

#define NAMES_NONE ((size_t)-1)

struct names {
	void *tree;   /* tsearch(3) */
	size_t *next; /* for each element: index of the next element of that name */
	size_t n;
};

void names_release(struct names *ix);
/* Add the element with index ix->n.  The name is not copied and must live as long as the index. */
void names_add(struct names *ix, const char *name);
/* Index of the first element with this name; NAMES_NONE: there is none. */
size_t names_first(const struct names *ix, const char *name);
/* Index of the next element that has the same name as element i; NAMES_NONE: no more. */
size_t names_next(const struct names *ix, size_t i);
