/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reconcile: the rules are DESIGN 6.2, in that order. */
#include <string.h>

#include "base/alloc.h"
#include "decide/want.h"
#include "model/kver.h"
#include "model/vercmp.h"

struct ctx {
	const struct world *w;
	const struct event *e;
	struct plan *p;
	struct want want;
	struct ledger owners; /* after the event */
	bool packaged_only;   /* kernels that no package owns are none of an event's business */
};

/* ---- gone ---- */

static bool is_owned(const struct ctx *x, enum owned_kind kind, const char *key)
{
	return ledger_owner(&x->owners, kind, key);
}

static bool is_removed_by_line(const struct ctx *x, enum owned_kind kind, const char *key)
{
	for (size_t i = 0; key && i < x->e->n; i++) {
		const struct event_item *item = &x->e->items[i];

		if (item->kind == kind && item->change == EVENT_REMOVED &&
		    strcmp(item->key, key) == 0)
			return true;
	}
	return false;
}

/*
 * Its recorded owner's database does not ship it any more, or the event says
 * that it was removed.  Whether the disk agrees is for the caller.
 */
static bool is_disowned(const struct ctx *x, enum owned_kind kind, const char *key)
{
	if (!key || is_owned(x, kind, key))
		return false;
	return ledger_owned(&x->w->ledger, kind, key) || is_removed_by_line(x, kind, key);
}

static bool kernel_is_gone(const struct ctx *x, const char *release)
{
	const struct world_kernel *k = world_kernel(x->w, release);

	return !(k && k->image) && is_disowned(x, OWNED_KERNEL, release);
}

/* ---- requests ---- */

/* Only what lists all sources can tell whether a removal is still wanted. */
static bool carries_out(const struct ctx *x)
{
	return x->e->complete[OWNED_SOURCE] && !x->e->kernel_only;
}

static bool is_asked(const struct ctx *x, enum request_kind kind, const struct modid *id)
{
	const struct request *r = ledger_request(&x->w->ledger, id->name, id->version);

	return r && r->kind == kind;
}

/* ---- kernels that are gone ---- */

static void clean_kernels(struct ctx *x)
{
	for (size_t i = 0; i < x->w->n_builds; i++) {
		const struct world_build *b = &x->w->builds[i];
		size_t drop, clean;

		if (!kernel_is_gone(x, b->release))
			continue;
		drop = want_drop_build(x->p, b, "its kernel was removed");
		clean = plan_add(x->p, STEP_CLEAN, NULL, b->release, b->arch,
				 "the kernel was removed");
		plan_after(x->p, clean, drop);
	}
	for (size_t i = 0; i < x->w->n_kernels; i++) {
		const struct world_kernel *k = &x->w->kernels[i];

		if (k->litter && kernel_is_gone(x, k->release))
			plan_add(x->p, STEP_CLEAN, NULL, k->release, k->arch,
				 "the kernel was removed");
	}
}

/* ---- candidates ---- */

/* In the midst of what dpkg does: it is on the disk, whatever the old package's script asked. */
static bool is_listed(const struct ctx *x, const char *folder)
{
	return x->e->kernel_only && folder && event_lists_source(x->e, folder);
}

/* See settle_gone(). */
static bool is_settled_now(const struct ctx *x, const struct candidate *c)
{
	return carries_out(x) || is_removed_by_line(x, OWNED_SOURCE, c->folder);
}

static void add_registered(struct ctx *x)
{
	for (size_t i = 0; i < x->w->n_modules; i++) {
		const struct world_module *m = &x->w->modules[i];
		struct candidate *c = want_add(&x->want, &m->id);
		const struct owned *o =
			m->folder ? ledger_owner(&x->owners, OWNED_SOURCE, m->folder) : NULL;
		bool missing = m->source == SOURCE_MISSING || m->no_conf;

		c->source = m->source;
		c->folder = m->folder;
		c->content = m->content;
		c->owner = o ? o->package : m->owner;
		c->owner_version = o ? o->version : m->owner_version;
		c->registered = true;
		c->gone = missing && is_disowned(x, OWNED_SOURCE, m->folder);
		/* A stray file keeps the folder: for the package it is as if that was missing. */
		if (c->gone)
			c->source = SOURCE_MISSING;
		if (is_asked(x, REQUEST_REMOVE, &m->id)) {
			c->gone |= carries_out(x) && !plan_is_shipped(&x->owners, m);
			c->pending = !carries_out(x) && !is_listed(x, m->folder);
		}
		c->dropped = c->gone && is_settled_now(x, c);
	}
}

/* true: a person removed it, and its package is still the same. */
static bool held_removed(struct ctx *x, const struct modid *id, const char *owner_version)
{
	const struct hold *h = ledger_hold_removed(&x->w->ledger, id->name, id->version);
	size_t i;

	if (!h)
		return false;
	if (want_stamp_counts(h->seen, id->version, owner_version)) {
		plan_add(x->p, STEP_HELD, id, NULL, NULL, "a person removed it");
		return true;
	}
	i = plan_add(x->p, STEP_UNHOLD, id, NULL, NULL, "there is a new version of its package");
	x->p->steps[i].hold = HOLD_REMOVED;
	return false;
}

/* o: NULL when no package ships it. */
static void register_candidate(struct ctx *x, const struct world_folder *f, const struct owned *o)
{
	struct candidate *c;

	if (held_removed(x, &f->id, o ? o->version : NULL))
		return;
	c = want_add(&x->want, &f->id);
	c->source = SOURCE_OK;
	c->folder = f->folder;
	c->owner = o ? o->package : NULL;
	c->owner_version = o ? o->version : NULL;
	c->register_step =
		o ? plan_add(x->p, STEP_REGISTER, &f->id, NULL, NULL, "shipped by %s %s",
			     o->package, o->version)
		  : plan_add(x->p, STEP_REGISTER, &f->id, NULL, NULL, "a package asked for it");
}

/*
 * Owned sources that DKMS does not know yet, and requested ones; only a complete list counts, or
 * what a kernel's own hook lists.
 */
static void add_folders(struct ctx *x)
{
	if (x->w->no_autoinstall)
		return;
	for (size_t i = 0; i < x->w->n_folders; i++) {
		const struct world_folder *f = &x->w->folders[i];
		const struct owned *o = ledger_owner(&x->owners, OWNED_SOURCE, f->folder);

		if (!x->e->complete[OWNED_SOURCE] && !is_listed(x, f->folder))
			continue;
		if ((o || is_asked(x, REQUEST_ADD, &f->id)) && !world_module(x->w, &f->id))
			register_candidate(x, f, o);
	}
}

static void end_holds(struct ctx *x)
{
	const struct ledger *l = &x->w->ledger;

	for (size_t i = 0; i < l->n_holds; i++) {
		const char *release = l->holds[i].release;

		plan_end_hold(x->w, x->p, &l->holds[i], release && kernel_is_gone(x, release),
			      carries_out(x));
	}
}

static bool may_be_added(const struct ctx *x, const struct candidate *c)
{
	if (is_asked(x, REQUEST_ADD, &c->id) && carries_out(x))
		return true;
	return c->folder && is_owned(x, OWNED_SOURCE, c->folder);
}

static size_t mend_link(struct ctx *x, const struct candidate *c)
{
	AUTO_FREE char *usual = xasprintf("%s-%s", c->id.name, c->id.version);

	if (!c->folder || strcmp(c->folder, usual) == 0)
		return plan_add(x->p, STEP_REGISTER, &c->id, NULL, NULL,
				"its source link is missing");
	return plan_add(x->p, STEP_REGISTER, &c->id, NULL, NULL, "its source is in %s now",
			c->folder);
}

/* The link is missing, the folder is a package's: add mends it. */
static void mend_links(struct ctx *x)
{
	for (size_t i = 0; i < x->want.n_cand; i++) {
		struct candidate *c = &x->want.cand[i];

		if (c->source != SOURCE_BROKEN || !may_be_added(x, c) || x->w->no_autoinstall)
			continue;
		c->source = SOURCE_OK;
		c->register_step = mend_link(x, c);
	}
}

static void tell_broken(struct ctx *x)
{
	for (size_t i = 0; i < x->want.n_cand; i++) {
		const struct candidate *c = &x->want.cand[i];

		if (c->gone || c->pending ||
		    (c->source != SOURCE_MISSING && c->source != SOURCE_BROKEN))
			continue;
		/* What an upgrade has replaced: that it is gone, its package manager will tell. */
		if (x->e->kernel_only && want_newest(&x->want, c->id.name))
			continue;
		plan_add(x->p, STEP_BROKEN, &c->id, NULL, NULL,
			 c->source == SOURCE_MISSING
				 ? "its source is not there; what is installed stays"
				 : "its source link is missing; dkms add mends it");
	}
}

/* ---- kernels ---- */

/* For a kernel whose hook says that it goes nothing is built, even if its files are still there. */
static bool is_in_scope(const struct ctx *x, const char *release)
{
	const struct event_item *item = event_kernel(x->e, release);

	return !x->e->kernel_only || (item && item->change != EVENT_REMOVED);
}

/*
 * Where kernels are pacman's, a tree of nobody is what kernel-modules-hook keeps for the running
 * kernel until the next boot, or a kernel that its maker builds for by command.
 */
static bool are_packaged_only(const struct ctx *x)
{
	if (x->e->kernel_only) /* somebody says that this is one */
		return false;
	for (size_t i = 0; i < x->owners.n_owned; i++) {
		if (strcmp(x->owners.owned[i].from, "pacman") == 0)
			return true;
	}
	return false;
}

static bool is_orphan(const struct ctx *x, const struct world_kernel *k)
{
	return x->packaged_only && !is_owned(x, OWNED_KERNEL, k->release);
}

static bool is_newest(const struct ctx *x, const struct world_kernel *k)
{
	for (size_t i = 0; i < x->w->n_kernels; i++) {
		const struct world_kernel *o = &x->w->kernels[i];

		if (o->image && !is_orphan(x, o) && kver_compare(o->release, k->release) > 0)
			return false;
	}
	return true;
}

static bool is_target(const struct ctx *x, const struct world_kernel *k)
{
	if (!k->image)
		return false;
	/* The setting is about other kernels than the one that calls: so it is in DKMS. */
	return x->e->kernel_only || !x->w->only_newest || k->running || is_newest(x, k);
}

/* ---- install ---- */

static bool name_is_first(const struct ctx *x, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(x->want.cand[k].id.name, x->want.cand[i].id.name) == 0)
			return false;
	}
	return true;
}

static void want_on(struct ctx *x, const char *name, const struct world_kernel *k)
{
	struct candidate *c = want_newest(&x->want, name);
	const struct world_build *old = world_installed(x->w, name, k->release, k->arch);

	if (c && (is_target(x, k) || (old && k->tree)))
		want_name(&x->want, name, k);
}

/* Where time is short, the kernel of the next boot comes first, then the running one. */
static const struct world_kernel *kernel_in_turn(const struct world *w, size_t turn)
{
	size_t running = 0;

	while (running < w->n_kernels && !w->kernels[running].running)
		running++;
	if (running == 0 || running == w->n_kernels || turn == 0 || turn > running)
		return &w->kernels[turn];
	return &w->kernels[turn == 1 ? running : turn - 1];
}

/* ---- versions that are gone ---- */

/* PLAN_NONE: it stays; ret_now: nothing to wait for. */
static size_t replaced_by(struct ctx *x, const struct world_build *old, bool *ret_now)
{
	const struct candidate *c = want_newest(&x->want, old->id.name);
	const struct world_build *b;

	*ret_now = !c || !old->installed;
	if (*ret_now)
		return PLAN_NONE;
	b = world_build(x->w, &c->id, old->release, old->arch);
	*ret_now = b && b->installed;
	return plan_find(x->p, STEP_INSTALL, &c->id, old->release, old->arch);
}

static const char *why_gone(const struct candidate *c)
{
	return c->source == SOURCE_MISSING ? "its source was removed" : "its removal was asked for";
}

static size_t drop_replaced(struct ctx *x, const struct candidate *c, const struct world_build *b,
			    size_t install)
{
	size_t i = plan_add(x->p, STEP_UNBUILD, &b->id, b->release, b->arch,
			    "another version replaces it and %s", why_gone(c));

	plan_after(x->p, i, install);
	return i;
}

/* Where the other version failed, that has been told. */
static void keep_build(struct ctx *x, const struct world_build *b)
{
	const struct candidate *c = want_newest(&x->want, b->id.name);
	size_t failed = c ? plan_find(x->p, STEP_FAILED, &c->id, b->release, b->arch) : PLAN_NONE;
	size_t i = plan_add(x->p, STEP_KEEP, &b->id, b->release, b->arch, PLAN_STAYS);

	x->p->steps[i].told = failed != PLAN_NONE && x->p->steps[failed].told;
}

/* Returns the last step of letting this build go, PLAN_NONE when it stays. */
static size_t drop_gone_build(struct ctx *x, const struct candidate *c, const struct world_build *b)
{
	size_t install;
	bool now;

	if (kernel_is_gone(x, b->release))
		return plan_find(x->p, STEP_UNBUILD, &b->id, b->release, b->arch);
	install = replaced_by(x, b, &now);
	if (now)
		return want_drop_build(x->p, b, why_gone(c));
	if (install != PLAN_NONE)
		return drop_replaced(x, c, b, install);
	keep_build(x, b);
	return PLAN_NONE;
}

static void drop_gone(struct ctx *x, const struct candidate *c)
{
	size_t *last = NULL, n = 0, step;
	bool all = true;

	for (size_t i = 0; i < x->w->n_builds; i++) {
		const struct world_build *b = &x->w->builds[i];

		if (!modid_equal(&b->id, &c->id))
			continue;
		step = drop_gone_build(x, c, b);
		if (step == PLAN_NONE)
			all = false;
		else
			VEC_PUSH(last, n, step);
	}
	if (all) {
		step = plan_add(x->p, STEP_UNREGISTER, &c->id, NULL, NULL, "%s", why_gone(c));
		for (size_t i = 0; i < n; i++)
			plan_after(x->p, step, last[i]);
	}
	free(last);
}

/*
 * What is only remembered as gone waits for an event that lists the sources: what replaces it may
 * be on the disk, and not be registered yet.
 */
static void settle_gone(struct ctx *x, const struct candidate *c)
{
	if (is_settled_now(x, c)) {
		drop_gone(x, c);
		return;
	}
	for (size_t i = 0; i < x->w->n_builds && !x->e->kernel_only; i++) {
		const struct world_build *b = &x->w->builds[i];

		if (modid_equal(&b->id, &c->id))
			keep_build(x, b);
	}
}

/* ---- owners ---- */

/*
 * What will be remembered.  A source that is gone while builds of it have to stay is kept as gone:
 * the next event, whatever that lists, must still know it.
 */
static void keep_source(struct ctx *x, const struct owned *o)
{
	for (size_t i = 0; i < x->want.n_cand; i++) {
		const struct candidate *c = &x->want.cand[i];

		if (!c->gone || !c->folder || strcmp(c->folder, o->key) != 0 ||
		    plan_find(x->p, STEP_UNREGISTER, &c->id, NULL, NULL) != PLAN_NONE)
			continue;
		ledger_copy_owned(&x->p->owners, o, LEDGER_GONE);
		return;
	}
	ledger_drop_owned(&x->p->owners, OWNED_SOURCE, o->key);
}

/*
 * A kernel of nobody whose tree is still there: when that goes too, it must be known that it was
 * not merely unmounted.
 */
static void keep_kernel(struct ctx *x, const struct owned *o)
{
	const struct world_kernel *k = world_kernel(x->w, o->key);

	if (k && k->image)
		ledger_copy_owned(&x->p->owners, o, LEDGER_GONE);
	else
		ledger_drop_owned(&x->p->owners, OWNED_KERNEL, o->key);
}

static void keep_disowned(struct ctx *x)
{
	for (size_t i = 0; i < x->w->ledger.n_owned; i++) {
		const struct owned *o = &x->w->ledger.owned[i];

		if (o->kind == OWNED_KERNEL && is_disowned(x, OWNED_KERNEL, o->key))
			keep_kernel(x, o);
		if (o->kind == OWNED_SOURCE && is_disowned(x, OWNED_SOURCE, o->key))
			keep_source(x, o);
	}
}

/* Record as gone what an event reports as removed, also if no earlier event has told its owner. */
static void keep_unknown(struct ctx *x)
{
	for (size_t i = 0; i < x->e->n; i++) {
		const struct event_item *item = &x->e->items[i];
		struct owned o = event_owned(x->e, item);

		if (item->kind == OWNED_SOURCE && item->change == EVENT_REMOVED &&
		    !ledger_owned(&x->w->ledger, o.kind, o.key))
			keep_source(x, &o);
	}
}

static bool owners_equal(const struct ledger *a, const struct ledger *b)
{
	if (a->n_owned != b->n_owned)
		return false;
	for (size_t i = 0; i < a->n_owned; i++) {
		const struct owned *o = &a->owned[i];
		const struct owned *p = ledger_owned(b, o->kind, o->key);

		if (!p || strcmp(o->from, p->from) != 0 || strcmp(o->package, p->package) != 0 ||
		    strcmp(o->version, p->version) != 0)
			return false;
	}
	return true;
}

/*
 * A kernel's hook runs in the middle of a transaction of the package manager.  Its event records an
 * owner only for registered sources that have none yet: if the package is upgraded before its
 * manager reports, the old source must be known to be gone, and not to be lost.
 */
static void learn_registered(struct ctx *x)
{
	struct ledger *l = &x->p->owners;

	for (size_t i = 0; i < x->w->ledger.n_owned; i++)
		ledger_copy_owned(l, &x->w->ledger.owned[i], NULL);
	for (size_t i = 0; i < x->want.n_cand; i++) {
		const struct candidate *c = &x->want.cand[i];
		const struct owned *o =
			c->folder ? ledger_owner(&x->owners, OWNED_SOURCE, c->folder) : NULL;

		if (o && !ledger_owned(&x->w->ledger, OWNED_SOURCE, c->folder))
			ledger_copy_owned(l, o, NULL);
	}
}

/*
 * Written last, when everything that follows from a removal is done: a run
 * that dies before leaves the old owners, and the next one sees the removal again.
 */
static void remember_owners(struct ctx *x)
{
	size_t step;

	if (x->e->kernel_only) {
		learn_registered(x);
	} else {
		keep_disowned(x);
		keep_unknown(x);
	}
	if (owners_equal(&x->w->ledger, &x->p->owners))
		return;
	step = plan_add(x->p, STEP_OWNERS, NULL, NULL, NULL, "%s",
			x->e->kernel_only ? "a package ships what is registered"
					  : "packages came or went");
	for (size_t i = 0; i < step; i++) {
		enum step_kind kind = x->p->steps[i].kind;

		if (kind == STEP_UNREGISTER || kind == STEP_CLEAN)
			plan_after(x->p, step, i);
	}
}

static bool version_is_gone(const struct ctx *x, const struct modid *id)
{
	for (size_t i = 0; i < x->want.n_cand; i++) {
		if (modid_equal(&x->want.cand[i].id, id))
			return x->want.cand[i].gone;
	}
	return false;
}

/* What would be done, but for the admin's file. */
static void tell_stale(struct ctx *x)
{
	for (size_t i = 0; i < x->w->n_builds; i++) {
		const struct world_build *b = &x->w->builds[i];
		const struct world_kernel *k = world_kernel(x->w, b->release);
		const struct world_module *m = world_module(x->w, &b->id);
		bool build;
		const char *why = b->installed && k && m
					  ? want_stale(b, m->content, k->headers, &build)
					  : NULL;

		if (why && !kernel_is_gone(x, b->release) && !version_is_gone(x, &b->id))
			plan_add(x->p, STEP_KEEP, &b->id, b->release, b->arch,
				 "%s, and /etc/dkms/no-autoinstall exists", why);
	}
}

static void install_all(struct ctx *x)
{
	if (x->w->no_autoinstall) {
		plan_add(x->p, STEP_SKIP, NULL, NULL, NULL,
			 "/etc/dkms/no-autoinstall exists, so nothing is installed");
		tell_stale(x);
		return;
	}
	for (size_t t = 0; t < x->w->n_kernels; t++) {
		const struct world_kernel *k = kernel_in_turn(x->w, t);

		if (kernel_is_gone(x, k->release) || !is_in_scope(x, k->release) || is_orphan(x, k))
			continue;
		for (size_t i = 0; i < x->want.n_cand; i++) {
			if (name_is_first(x, i))
				want_on(x, x->want.cand[i].id.name, k);
		}
	}
}

void plan_event(const struct world *w, const struct event *event, struct plan *ret)
{
	struct ctx x = { .w = w, .e = event, .p = ret };

	event_merge_owners(event, &w->ledger, &x.owners);
	if (!event->kernel_only)
		event_merge_owners(event, &w->ledger, &ret->owners);
	x.packaged_only = are_packaged_only(&x);
	want_begin(&x.want, w, ret, true);
	clean_kernels(&x);
	add_registered(&x);
	add_folders(&x);
	mend_links(&x);
	want_ready(&x.want);
	tell_broken(&x);
	install_all(&x);
	/* What replaces a version that is gone may be one of them; what goes may let another one
	 * in. */
	plan_rivals(&x.want);
	for (size_t i = 0; i < x.want.n_cand; i++) {
		if (x.want.cand[i].gone)
			settle_gone(&x, &x.want.cand[i]);
	}
	plan_rivals(&x.want);
	if (carries_out(&x))
		plan_settle_requests(w, &x.owners, ret);
	end_holds(&x);
	remember_owners(&x);
	want_end(&x.want);
	ledger_release(&x.owners);
	plan_finish(ret, w, &event->initramfs_follows);
}
