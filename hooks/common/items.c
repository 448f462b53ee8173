/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/common/items.h"

#include <string.h>

#include "base/alloc.h"

struct event_item *items_find(const struct event *e, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->items[i].kind == kind && strcmp(e->items[i].key, key) == 0)
			return &e->items[i];
	}
	return NULL;
}

struct event_item *items_add(struct event *e, enum owned_kind kind, const char *key,
			     enum event_change change, const char *package, const char *version)
{
	struct event_item item = {
		.kind = kind,
		.key = xstrdup(key),
		.change = change,
		.package = xstrdup(package),
		.version = xstrdup(version),
	};

	VEC_PUSH(e->items, e->n, item);
	return &e->items[e->n - 1];
}

static int item_compare(const void *a, const void *b)
{
	const struct event_item *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->key, y->key);
}

void items_sort(struct event *e)
{
	if (e->n)
		qsort(e->items, e->n, sizeof(*e->items), item_compare);
}

void items_set_complete(struct event *e, bool complete)
{
	for (size_t i = 0; i < EVENT_KINDS; i++)
		e->complete[i] = complete;
}
