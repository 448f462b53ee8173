/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * items - the items of an event that a package manager's database is listed in.
 *
 * An event has at most one item for each kind and key.  Out of memory ends the process
 * (base/alloc.h), as itempath.h says.
 */
#include "model/event.h"

/* NULL: the event has no such item.  Borrowed, until the next items_add() or items_sort(). */
struct event_item *items_find(const struct event *e, enum owned_kind kind, const char *key);
/*
 * Add an item that the event does not have yet.  The strings are copied; package and version may be
 * NULL.  The result is borrowed as that of items_find().
 */
struct event_item *items_add(struct event *e, enum owned_kind kind, const char *key,
			     enum event_change change, const char *package, const char *version);
/* By kind and key, so that the event's text does not depend on the order of packages. */
void items_sort(struct event *e);
/* Say of every kind whether all its items are listed. */
void items_set_complete(struct event *e, bool complete);
