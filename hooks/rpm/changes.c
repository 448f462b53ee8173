/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/rpm/changes.h"

#include "base/alloc.h"
#include "hooks/common/items.h"

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

static void changes_add_element(struct changes *c, rpmte te)
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
			changes_add_element(c, te);
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

/* Did an element that succeeded add this fact or, if `added` is false, remove it? */
static bool changes_have(const struct changes *c, bool added, const struct itempath *fact)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct element *el = &c->v[i];

		if (el->done && el->added == added && facts_have(&el->facts, fact))
			return true;
	}
	return false;
}

static void changes_tell(const struct changes *c, const struct element *el,
			 const struct itempath *fact, struct event *e)
{
	bool added = changes_have(c, true, fact), removed = changes_have(c, false, fact);
	struct event_item *item = items_find(e, fact->kind, fact->key);

	if (fact->rank == RANK_HINT)
		return;
	/*
	 * Up to rpm 6.0, an element with %pretrans is reported as a success before it is installed.
	 * If it fails later, the database does not have its item.
	 */
	if (added && e->complete[fact->kind] && !item)
		return;
	if (!added && item) /* another package ships it */
		return;
	if (!item)
		item = items_add(e, fact->kind, fact->key, EVENT_REMOVED, el->package, el->version);
	if (added)
		item->change = removed ? EVENT_REPLACED : EVENT_ADDED;
}

void changes_event(const struct changes *c, rpmts ts, struct event *ret)
{
	ret->from = xstrdup("rpm");
	facts_of_database(ts, ret);
	for (size_t i = 0; i < c->n; i++) {
		const struct element *el = &c->v[i];

		for (size_t k = 0; el->done && k < el->facts.n; k++)
			changes_tell(c, el, &el->facts.v[k], ret);
	}
}
