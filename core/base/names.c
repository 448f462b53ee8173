/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/names.h"

#include <search.h>
#include <string.h>

#include "base/alloc.h"

struct names_entry {
	const char *name;
	size_t first, last;
};

static int names_compare(const void *a, const void *b)
{
	return strcmp(((const struct names_entry *)a)->name, ((const struct names_entry *)b)->name);
}

void names_add(struct names *ix, const char *name)
{
	struct names_entry *entry = xmalloc(sizeof(*entry)), *there;

	*entry = (struct names_entry){ name, ix->n, ix->n };
	VEC_PUSH(ix->next, ix->n, NAMES_NONE);
	there = *(struct names_entry **)xtsearch(entry, &ix->tree, names_compare);
	if (there == entry)
		return;
	ix->next[there->last] = entry->first;
	there->last = entry->first;
	free(entry);
}

size_t names_first(const struct names *ix, const char *name)
{
	struct names_entry key = { .name = name };
	struct names_entry **found = tfind(&key, &ix->tree, names_compare);

	return found ? (*found)->first : NAMES_NONE;
}

size_t names_next(const struct names *ix, size_t i)
{
	return ix->next[i];
}

void names_release(struct names *ix)
{
	tdestroy(ix->tree, free);
	free(ix->next);
	*ix = (struct names){ 0 };
}
