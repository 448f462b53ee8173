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

/* The slot of the name, or the free one where it would go. */
static struct names_slot *names_slot(const struct names *x, const char *name)
{
	size_t i = names_hash(name) & (x->n_slots - 1);

	while (x->slots[i].name && strcmp(x->slots[i].name, name) != 0)
		i = (i + 1) & (x->n_slots - 1);
	return &x->slots[i];
}

static void names_grow(struct names *x)
{
	struct names old = *x;

	if (x->n_slots > 2 * x->n_taken)
		return;
	x->n_slots = x->n_slots ? 2 * x->n_slots : FIRST_SLOTS;
	x->slots = xcalloc(x->n_slots, sizeof(*x->slots));
	for (size_t i = 0; i < old.n_slots; i++) {
		if (old.slots[i].name)
			*names_slot(x, old.slots[i].name) = old.slots[i];
	}
	free(old.slots);
}

void names_add(struct names *x, const char *name)
{
	size_t i = x->n;
	struct names_slot *s;

	names_grow(x);
	VEC_PUSH(x->next, x->n, NAMES_NONE);
	s = names_slot(x, name);
	if (s->name) {
		x->next[s->last] = i;
		s->last = i;
		return;
	}
	*s = (struct names_slot){ name, i, i };
	x->n_taken++;
}

size_t names_first(const struct names *x, const char *name)
{
	const struct names_slot *s = x->n_slots ? names_slot(x, name) : NULL;

	return s && s->name ? s->first : NAMES_NONE;
}

size_t names_next(const struct names *x, size_t i)
{
	return x->next[i];
}

void names_release(struct names *x)
{
	free(x->slots);
	free(x->next);
	*x = (struct names){ 0 };
}
