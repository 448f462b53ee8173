/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define FIRST_SLOTS 64

struct names_slot {
	const char *name; /* NULL: free */
	size_t first, last;
};

/* FNV-1a, 64 bits. */
static uint64_t names_hash(const char *name)
{
	uint64_t h = 0xcbf29ce484222325;

	for (const char *s = name; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	return h;
}

/* The slot of name, or the free slot where it belongs. */
static struct names_slot *names_slot(const struct names *ix, const char *name)
{
	size_t i = names_hash(name) & (ix->n_slots - 1);

	while (ix->slots[i].name && strcmp(ix->slots[i].name, name) != 0)
		i = (i + 1) & (ix->n_slots - 1);
	return &ix->slots[i];
}

static void names_grow(struct names *ix)
{
	struct names old = *ix;

	if (ix->n_slots > 2 * ix->n_taken)
		return;
	ix->n_slots = ix->n_slots ? 2 * ix->n_slots : FIRST_SLOTS;
	ix->slots = xcalloc(ix->n_slots, sizeof(*ix->slots));
	for (size_t i = 0; i < old.n_slots; i++) {
		if (old.slots[i].name)
			*names_slot(ix, old.slots[i].name) = old.slots[i];
	}
	free(old.slots);
}

void names_add(struct names *ix, const char *name)
{
	size_t i = ix->n;
	struct names_slot *s;

	names_grow(ix);
	VEC_PUSH(ix->next, ix->n, NAMES_NONE);
	s = names_slot(ix, name);
	if (s->name) {
		ix->next[s->last] = i;
		s->last = i;
		return;
	}
	*s = (struct names_slot){ name, i, i };
	ix->n_taken++;
}

size_t names_first(const struct names *ix, const char *name)
{
	const struct names_slot *s = ix->n_slots ? names_slot(ix, name) : NULL;

	return s && s->name ? s->first : NAMES_NONE;
}

size_t names_next(const struct names *ix, size_t i)
{
	return ix->next[i];
}

void names_release(struct names *ix)
{
	free(ix->slots);
	free(ix->next);
	*ix = (struct names){ 0 };
}
