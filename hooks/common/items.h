/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * items - list a package manager's database as the items of an event.
 *
 * An event has at most one item for each kind and key.  If memory runs out, the process ends.
 */
#include "model/event.h"

/* Returns NULL if there is no such item.  Borrowed, until the next items_add() or items_sort(). */
struct event_item *items_find(const struct event *e, enum owned_kind kind, const char *key);
/*
 * Add an item that the event does not have yet.  The strings are copied; `package` and `version`
 * may be NULL.  The result is borrowed as that of items_find().
 */
struct event_item *items_add(struct event *e, enum owned_kind kind, const char *key,
			     enum event_change change, const char *package, const char *version);
/* Sort by kind and key, so that the event's text does not depend on the order of packages. */
void items_sort(struct event *e);
/* Set for every kind whether the event lists all items of that kind. */
void items_set_complete(struct event *e, bool complete);
