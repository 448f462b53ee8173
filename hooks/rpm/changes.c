/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/rpm/changes.h"

#include <string.h>

#include "base/alloc.h"

void changes_release(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].package);
		free(c->v[i].version);
		facts_release(&c->v[i].facts);
	}
	free(c->v);
	*c = (struct changes){ 0 };
}

static void collect(struct changes *c, rpmte te)
{
	struct element element = { .te = te, .added = rpmteType(te) == TR_ADDED };
	rpmfiles files = rpmteFiles(te);

	facts_read(files, &element.facts);
	rpmfilesFree(files);
	if (element.facts.n == 0)
		return;
	element.package = xstrdup(rpmteN(te));
	element.version = xstrdup(rpmteEVR(te));
	VEC_PUSH(c->v, c->n, element);
}

void changes_begin(struct changes *c, rpmts ts)
{
	rpmtsi all = rpmtsiInit(ts);
	rpmte te;

	changes_release(c);
	while ((te = rpmtsiNext(all, TR_ADDED | TR_REMOVED)) != NULL)
		if (!rpmteIsSource(te))
			collect(c, te);
	rpmtsiFree(all);
}

void changes_done(struct changes *c, rpmte te)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].te == te)
			c->v[i].done = true;
}

bool changes_any(const struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].done)
			return true;
	return false;
}

static struct event_item *item_of(struct event *e, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->items[i].kind == kind && strcmp(e->items[i].key, key) == 0)
			return &e->items[i];
	return NULL;
}

/* Did an element that succeeded bring (take away) this key? */
static bool was(const struct changes *c, bool added, const struct fact *fact)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct element *el = &c->v[i];

		if (!el->done || el->added != added)
			continue;
		for (size_t k = 0; k < el->facts.n; k++)
			if (el->facts.v[k].kind == fact->kind &&
			    strcmp(el->facts.v[k].key, fact->key) == 0)
				return true;
	}
	return false;
}

/* The item that the change is told with: the database's, or a new one. */
static struct event_item *need_item(struct event *e, enum owned_kind kind, const char *key,
				    const struct element *el)
{
	struct event_item *item = item_of(e, kind, key), fresh = { .kind = kind };

	if (item)
		return item;
	fresh.key = xstrdup(key);
	fresh.package = xstrdup(el->package);
	fresh.version = xstrdup(el->version);
	VEC_PUSH(e->items, e->n, fresh);
	return &e->items[e->n - 1];
}

static void tell(const struct changes *c, const struct element *el, const struct fact *fact,
		 struct event *e)
{
	bool added = was(c, true, fact), removed = was(c, false, fact);
	enum owned_kind kind;

	if (!fact_owned_kind(fact, &kind))
		return;
	/* Up to rpm 6.0 an element with %pretrans seems to succeed before it is looked at. */
	if (added && e->complete[kind] && !item_of(e, kind, fact->key))
		return;
	if (added)
		need_item(e, kind, fact->key, el)->change = removed ? EVENT_REPLACED : EVENT_ADDED;
	else if (!item_of(e, kind, fact->key)) /* nobody else ships it */
		need_item(e, kind, fact->key, el)->change = EVENT_REMOVED;
}

void changes_event(const struct changes *c, rpmts ts, struct event *ret)
{
	ret->from = xstrdup("rpm");
	facts_of_database(ts, ret);
	for (size_t i = 0; i < c->n; i++) {
		const struct element *el = &c->v[i];

		for (size_t k = 0; el->done && k < el->facts.n; k++)
			tell(c, el, &el->facts.v[k], ret);
	}
}
