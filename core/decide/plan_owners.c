/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plan which owners are recorded after an event (p->owners), and the step that records them. */
#include <string.h>

#include "decide/reconcile.h"

/*
 * Decide about the owner `o` of a source that no package ships now.  If the source is gone and the
 * plan does not unregister it, record LEDGER_GONE as its owner.  Else drop the owner.  LEDGER_GONE
 * tells later events that the source was removed, and not just lost.
 */
static void owners_keep_source(struct reconcile *rc, const struct owned *o)
{
	for (size_t i = 0; i < rc->want.n_offers; i++) {
		const struct offer *c = &rc->want.offers[i];

		if (!c->gone || !c->folder || strcmp(c->folder, o->key) != 0 ||
		    plan_find(rc->p, STEP_UNREGISTER, &c->id, NULL, NULL) != PLAN_NONE)
			continue;
		ledger_copy_owned(&rc->p->owners, o, LEDGER_GONE);
		return;
	}
	ledger_drop_owned(&rc->p->owners, OWNED_SOURCE, o->key);
}

/*
 * Decide about the owner `o` of a kernel that no package owns now.  If the kernel's image is
 * missing, drop the owner.  Else record LEDGER_GONE as its owner.  If a later event finds the image
 * missing, that entry tells it that the kernel was removed.  Without the entry the event could not
 * know whether the file system of the image is just not mounted.
 */
static void owners_keep_kernel(struct reconcile *rc, const struct owned *o)
{
	const struct world_kernel *k = world_kernel(rc->w, o->key);

	if (k && k->image)
		ledger_copy_owned(&rc->p->owners, o, LEDGER_GONE);
	else
		ledger_drop_owned(&rc->p->owners, OWNED_KERNEL, o->key);
}

static void owners_keep_disowned(struct reconcile *rc)
{
	for (size_t i = 0; i < rc->w->owners.n; i++) {
		const struct owned *o = &rc->w->owners.v[i];

		if (o->kind == OWNED_KERNEL && reconcile_is_disowned(rc, OWNED_KERNEL, o->key))
			owners_keep_kernel(rc, o);
		if (o->kind == OWNED_SOURCE && reconcile_is_disowned(rc, OWNED_SOURCE, o->key))
			owners_keep_source(rc, o);
	}
}

/*
 * Call owners_keep_source() also for sources that the event reports as removed and whose owner was
 * never recorded.
 */
static void owners_keep_reported(struct reconcile *rc)
{
	for (size_t i = 0; i < rc->e->n; i++) {
		const struct event_item *item = &rc->e->items[i];
		struct owned o = event_owned(rc->e, item);

		if (item->kind == OWNED_SOURCE && item->change == EVENT_REMOVED &&
		    !ledger_owned(&rc->w->owners, o.kind, o.key))
			owners_keep_source(rc, &o);
	}
}

static bool owners_equal(const struct owners *a, const struct owners *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct owned *o = &a->v[i];
		const struct owned *p = ledger_owned(b, o->kind, o->key);

		if (!p || strcmp(o->from, p->from) != 0 || strcmp(o->package, p->package) != 0 ||
		    strcmp(o->version, p->version) != 0)
			return false;
	}
	return true;
}

/*
 * Record the owners of registered sources that have no recorded owner yet.  All other owners stay
 * as they are.  This is for the event of a kernel's hook, which runs in the middle of a package
 * manager's transaction.  The transaction may later upgrade the package of such a source.  Then the
 * package manager's own event needs the owner: without it, the old source would count as lost, not
 * as gone.
 */
static void owners_learn_registered(struct reconcile *rc)
{
	struct owners *l = &rc->p->owners;

	for (size_t i = 0; i < rc->w->owners.n; i++)
		ledger_copy_owned(l, &rc->w->owners.v[i], NULL);
	for (size_t i = 0; i < rc->want.n_offers; i++) {
		const struct offer *c = &rc->want.offers[i];
		const struct owned *o =
			c->folder ? ledger_owner(&rc->owners, OWNED_SOURCE, c->folder) : NULL;

		if (o && !ledger_owned(&rc->w->owners, OWNED_SOURCE, c->folder))
			ledger_copy_owned(l, o, NULL);
	}
}

void reconcile_remember_owners(struct reconcile *rc)
{
	size_t step;

	if (rc->e->kernel_only) {
		owners_learn_registered(rc);
	} else {
		owners_keep_disowned(rc);
		owners_keep_reported(rc);
	}
	if (owners_equal(&rc->w->owners, &rc->p->owners))
		return;
	step = plan_add(rc->p, STEP_OWNERS, NULL, NULL, NULL, "%s",
			rc->e->kernel_only ? "a package ships what is registered"
					   : "packages came or went");
	for (size_t i = 0; i < step; i++) {
		enum step_kind kind = rc->p->steps[i].kind;

		if (kind == STEP_UNREGISTER || kind == STEP_CLEAN)
			plan_after(rc->p, step, i);
	}
}
