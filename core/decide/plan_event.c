/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reconcile: make the plan for an event.  plan_event() in decide/plan.h has the rules. */
#include <string.h>

#include "base/alloc.h"
#include "decide/reconcile.h"
#include "model/kver.h"

/* Does this event only remove?  Then it registers and installs nothing. */
static bool reconcile_only_removes(const struct reconcile *rc)
{
	return rc->w->no_autoinstall || rc->e->last;
}

/* ---- gone ---- */

static bool reconcile_is_owned(const struct reconcile *rc, enum owned_kind kind, const char *key)
{
	return ledger_owner(&rc->owners, kind, key);
}

static bool reconcile_is_removed_by_event(const struct reconcile *rc, enum owned_kind kind,
					  const char *key)
{
	for (size_t i = 0; key && i < rc->e->n; i++) {
		const struct event_item *item = &rc->e->items[i];

		if (item->kind == kind && item->change == EVENT_REMOVED &&
		    strcmp(item->key, key) == 0)
			return true;
	}
	return false;
}

bool reconcile_is_disowned(const struct reconcile *rc, enum owned_kind kind, const char *key)
{
	if (!key || reconcile_is_owned(rc, kind, key))
		return false;
	return ledger_owned(&rc->w->owners, kind, key) ||
	       reconcile_is_removed_by_event(rc, kind, key);
}

static bool reconcile_kernel_is_gone(const struct reconcile *rc, const char *release)
{
	const struct world_kernel *k = world_kernel(rc->w, release);

	return !(k && k->image) && reconcile_is_disowned(rc, OWNED_KERNEL, release);
}

/* ---- requests ---- */

/*
 * Does the event list all sources?  Only then is it known whether a package still ships a source
 * whose removal a script asked for.  An event of the middle never does.
 */
static bool reconcile_lists_sources(const struct reconcile *rc)
{
	return rc->e->complete[OWNED_SOURCE];
}

/* ---- kernels that are gone ---- */

static void reconcile_clean_kernels(struct reconcile *rc)
{
	for (size_t i = 0; i < rc->w->n_builds; i++) {
		const struct world_build *b = &rc->w->builds[i];
		size_t drop, clean;

		if (!reconcile_kernel_is_gone(rc, b->release))
			continue;
		drop = want_drop_build(rc->p, b, "its kernel was removed");
		clean = plan_add(rc->p, STEP_CLEAN, NULL, b->release, b->arch,
				 "the kernel was removed");
		plan_after(rc->p, clean, drop);
	}
	for (size_t i = 0; i < rc->w->n_kernels; i++) {
		const struct world_kernel *k = &rc->w->kernels[i];

		if (k->litter && reconcile_kernel_is_gone(rc, k->release))
			plan_add(rc->p, STEP_CLEAN, NULL, k->release, k->arch,
				 "the kernel was removed");
	}
}

/* Is a package manager at work, so that another event will follow this one? */
static bool reconcile_is_amid(const struct reconcile *rc)
{
	return rc->e->kernel_only || rc->e->middle;
}

/*
 * Drop what was built for a kernel that is neither here nor to come.  While a package manager is at
 * work, that kernel may be about to come.
 */
static void reconcile_drop_prebuilt(struct reconcile *rc)
{
	for (size_t i = 0; i < rc->w->n_builds && !reconcile_is_amid(rc); i++) {
		const struct world_build *b = &rc->w->builds[i];

		if (b->prebuilt && !world_kernel_is_here(world_kernel(rc->w, b->release)) &&
		    !ledger_candidate(&rc->w->candidates, b->release))
			want_drop_build(rc->p, b, "its kernel is neither installed nor to come");
	}
}

/* ---- offers ---- */

/*
 * Is a package manager at work, and does the event list the source in this folder?  If so, the
 * source is on the disk, and is wanted even if the old package's script has just asked for its
 * removal.
 */
static bool reconcile_is_listed_amid(const struct reconcile *rc, const char *folder)
{
	return reconcile_is_amid(rc) && folder && event_lists_source(rc->e, folder);
}

/* May this event remove the builds of `c`, which is gone?  See reconcile_settle_gone(). */
static bool reconcile_may_drop(const struct reconcile *rc, const struct offer *c)
{
	return reconcile_lists_sources(rc) ||
	       reconcile_is_removed_by_event(rc, OWNED_SOURCE, c->folder);
}

static void reconcile_add_registered(struct reconcile *rc)
{
	for (size_t i = 0; i < rc->w->n_modules; i++) {
		const struct world_module *m = &rc->w->modules[i];
		struct offer *c = want_add(&rc->want, &m->id);
		const struct owned *o =
			m->folder ? ledger_owner(&rc->owners, OWNED_SOURCE, m->folder) : NULL;
		bool missing = m->source == SOURCE_MISSING || m->no_conf;

		c->source = m->source;
		c->folder = m->folder;
		c->content = m->content;
		c->owner = o ? o->package : m->owner;
		c->owner_version = o ? o->version : m->owner_version;
		c->registered = true;
		c->gone = missing && reconcile_is_disowned(rc, OWNED_SOURCE, m->folder);
		/*
		 * A removed package may leave a folder without dkms.conf: treat the source as
		 * missing.
		 */
		if (c->gone)
			c->source = SOURCE_MISSING;
		if (plan_is_requested(rc->w, REQUEST_REMOVE, &m->id)) {
			c->gone |= reconcile_lists_sources(rc) && !plan_is_shipped(&rc->owners, m);
			c->pending = !reconcile_lists_sources(rc) &&
				     !reconcile_is_listed_amid(rc, m->folder);
		}
		c->dropped = c->gone && reconcile_may_drop(rc, c);
	}
}

/*
 * Did a person remove this version (HOLD_REMOVED)?  If there has been a new version of its package
 * since, or a new install of it, plan to drop the hold and return false.
 */
static bool reconcile_is_held_removed(struct reconcile *rc, const struct world_folder *f,
				      const char *owner_version)
{
	const struct modid *id = &f->id;
	const struct hold *h = ledger_hold_removed(&rc->w->holds, id->name, id->version);
	bool same = h && want_stamp_counts(h->seen, id->version, owner_version);
	size_t i;

	if (!h)
		return false;
	if (same && !plan_is_reinstalled(rc->w, rc->e, id, f->folder)) {
		plan_add(rc->p, STEP_HELD, id, NULL, NULL, "a person removed it");
		return true;
	}
	i = plan_add(rc->p, STEP_UNHOLD, id, NULL, NULL, "%s",
		     same ? "its package was installed again"
			  : "there is a new version of its package");
	rc->p->steps[i].hold = HOLD_REMOVED;
	return false;
}

/*
 * Plan to register the source in the folder `f`, unless a person removed it.  `o` is the source's
 * owner, or NULL if no package ships it.
 */
static void reconcile_register_folder(struct reconcile *rc, const struct world_folder *f,
				      const struct owned *o)
{
	struct offer *c;

	if (reconcile_is_held_removed(rc, f, o ? o->version : NULL))
		return;
	c = want_add(&rc->want, &f->id);
	c->source = SOURCE_OK;
	c->folder = f->folder;
	c->owner = o ? o->package : NULL;
	c->owner_version = o ? o->version : NULL;
	c->register_step =
		o ? plan_add(rc->p, STEP_REGISTER, &f->id, NULL, NULL, "shipped by %s %s",
			     o->package, o->version)
		  : plan_add(rc->p, STEP_REGISTER, &f->id, NULL, NULL, "a package asked for it");
}

/*
 * Plan to register the sources in <source_tree> that a package ships or that a script asked to add.
 * If the event does not list all sources, register only sources that it lists, and only while a
 * package manager is at work.
 */
static void reconcile_add_folders(struct reconcile *rc)
{
	if (reconcile_only_removes(rc))
		return;
	for (size_t i = 0; i < rc->w->n_folders; i++) {
		const struct world_folder *f = &rc->w->folders[i];
		const struct owned *o = ledger_owner(&rc->owners, OWNED_SOURCE, f->folder);

		if (!reconcile_lists_sources(rc) && !reconcile_is_listed_amid(rc, f->folder))
			continue;
		if ((o || plan_is_requested(rc->w, REQUEST_ADD, &f->id)) &&
		    !world_module(rc->w, &f->id))
			reconcile_register_folder(rc, f, o);
	}
}

static void reconcile_end_holds(struct reconcile *rc)
{
	const struct holds *l = &rc->w->holds;

	for (size_t i = 0; i < l->n; i++) {
		const char *release = l->v[i].release;

		plan_end_hold(rc->w, rc->p, &l->v[i],
			      release && reconcile_kernel_is_gone(rc, release),
			      reconcile_lists_sources(rc));
	}
}

static bool reconcile_may_relink(const struct reconcile *rc, const struct offer *c)
{
	if (plan_is_requested(rc->w, REQUEST_ADD, &c->id) && reconcile_lists_sources(rc))
		return true;
	return c->folder && reconcile_is_owned(rc, OWNED_SOURCE, c->folder);
}

static size_t reconcile_add_relink(struct reconcile *rc, const struct offer *c)
{
	AUTO_FREE char *usual = xasprintf("%s-%s", c->id.name, c->id.version);

	if (!c->folder || strcmp(c->folder, usual) == 0)
		return plan_add(rc->p, STEP_REGISTER, &c->id, NULL, NULL,
				"its source link is missing");
	return plan_add(rc->p, STEP_REGISTER, &c->id, NULL, NULL, "its source is in %s now",
			c->folder);
}

/*
 * Make a missing source link again if a package owns the source folder, or if a script asked to add
 * the source.
 */
static void reconcile_relink_broken(struct reconcile *rc)
{
	for (size_t i = 0; i < rc->want.n_offers; i++) {
		struct offer *c = &rc->want.offers[i];

		if (c->source != SOURCE_BROKEN || !reconcile_may_relink(rc, c) ||
		    reconcile_only_removes(rc))
			continue;
		c->source = SOURCE_OK;
		c->register_step = reconcile_add_relink(rc, c);
	}
}

static void reconcile_tell_broken(struct reconcile *rc)
{
	for (size_t i = 0; i < rc->want.n_offers; i++) {
		const struct offer *c = &rc->want.offers[i];

		if (c->gone || c->pending ||
		    (c->source != SOURCE_MISSING && c->source != SOURCE_BROKEN))
			continue;
		/*
		 * If a package manager is at work and another version has its source, this is an
		 * upgrade.  The package manager's last event will report what is left.
		 */
		if (reconcile_is_amid(rc) && want_newest(&rc->want, c->id.name))
			continue;
		plan_add(rc->p, STEP_BROKEN, &c->id, NULL, NULL,
			 c->source == SOURCE_MISSING
				 ? "its source is not there; what is installed stays"
				 : "its source link is missing; dkms add mends it");
	}
}

/* ---- kernels ---- */

/*
 * May this event install modules for this kernel?  Only the event of a kernel's hook is limited: it
 * installs modules for that kernel alone, and none if that kernel is being removed, even if the
 * kernel's files are still there.
 */
static bool reconcile_covers_kernel(const struct reconcile *rc, const char *release)
{
	const struct event_item *item = event_kernel(rc->e, release);

	return !rc->e->kernel_only || (item && item->change != EVENT_REMOVED);
}

/*
 * Does the event leave alone the kernels that no package owns?  Yes on a system with pacman.
 * There, such a kernel is the running one, or one that a person compiled.  kernel-modules-hook
 * keeps the tree of the running one until the next boot.  For a compiled kernel, that person runs
 * dkms by hand.
 */
static bool reconcile_is_packaged_only(const struct reconcile *rc)
{
	if (rc->e->kernel_only) /* its hook says that this kernel is installed */
		return false;
	for (size_t i = 0; i < rc->owners.n; i++) {
		if (strcmp(rc->owners.v[i].from, "pacman") == 0)
			return true;
	}
	return false;
}

static bool reconcile_is_orphan_kernel(const struct reconcile *rc, const struct world_kernel *k)
{
	return rc->packaged_only && !reconcile_is_owned(rc, OWNED_KERNEL, k->release);
}

static bool reconcile_is_newest_kernel(const struct reconcile *rc, const struct world_kernel *k)
{
	for (size_t i = 0; i < rc->w->n_kernels; i++) {
		const struct world_kernel *o = &rc->w->kernels[i];

		if (o->image && !reconcile_is_orphan_kernel(rc, o) &&
		    kver_compare(o->release, k->release) > 0)
			return false;
	}
	return true;
}

static bool reconcile_is_target_kernel(const struct reconcile *rc, const struct world_kernel *k)
{
	if (!k->image)
		return false;
	/* As in DKMS, autoinstall_all_kernels=no does not exclude the kernel whose hook runs. */
	return rc->e->kernel_only || !rc->w->only_newest || k->running ||
	       reconcile_is_newest_kernel(rc, k);
}

/* ---- install ---- */

static bool reconcile_is_first_of_name(const struct reconcile *rc, size_t i)
{
	return names_first(&rc->want.names, rc->want.offers[i].id.name) == i;
}

static void reconcile_want_on(struct reconcile *rc, const char *name, const struct world_kernel *k)
{
	struct offer *c = want_newest(&rc->want, name);
	const struct world_build *old = world_installed(rc->w, name, k->release, k->arch);

	if (c && (reconcile_is_target_kernel(rc, k) || (old && k->tree)))
		want_name(&rc->want, name, k);
}

/*
 * Returns kernel number `turn`, from 0, in the order of urgency: first the newest, which the next
 * boot will use, then the running one, then the others.  The order matters if the run is stopped
 * early.
 */
static const struct world_kernel *reconcile_kernel_in_turn(const struct world *w, size_t turn)
{
	size_t running = 0;

	while (running < w->n_kernels && !w->kernels[running].running)
		running++;
	if (running == 0 || running == w->n_kernels || turn == 0 || turn > running)
		return &w->kernels[turn];
	return &w->kernels[turn == 1 ? running : turn - 1];
}

/* ---- versions that are gone ---- */

/*
 * Returns the install step that replaces the build `old`, or PLAN_NONE.  *ret_now is true if `old`
 * can be removed at once: `old` is not installed, nothing replaces it, or its replacement is
 * installed already.
 */
static size_t reconcile_find_replacement(struct reconcile *rc, const struct world_build *old,
					 bool *ret_now)
{
	const struct offer *c = want_newest(&rc->want, old->id.name);
	const struct world_build *b;

	*ret_now = !c || !old->installed;
	if (*ret_now)
		return PLAN_NONE;
	b = world_build(rc->w, &c->id, old->release, old->arch);
	*ret_now = b && b->installed;
	return plan_find(rc->p, STEP_INSTALL, &c->id, old->release, old->arch);
}

static const char *reconcile_why_gone(const struct offer *c)
{
	return c->source == SOURCE_MISSING ? "its source was removed" : "its removal was asked for";
}

static size_t reconcile_drop_replaced(struct reconcile *rc, const struct offer *c,
				      const struct world_build *b, size_t install)
{
	size_t i = plan_add(rc->p, STEP_UNBUILD, &b->id, b->release, b->arch,
			    "another version replaces it and %s", reconcile_why_gone(c));

	plan_after(rc->p, i, install);
	return i;
}

/*
 * Report that the build `b` stays.  If the replacement of `b` failed in an earlier run, that run
 * has reported this already (step.told).
 */
static void reconcile_keep_build(struct reconcile *rc, const struct world_build *b)
{
	const struct offer *c = want_newest(&rc->want, b->id.name);
	size_t failed = c ? plan_find(rc->p, STEP_FAILED, &c->id, b->release, b->arch) : PLAN_NONE;
	size_t i = plan_add(rc->p, STEP_KEEP, &b->id, b->release, b->arch, PLAN_STAYS);

	rc->p->steps[i].told = failed != PLAN_NONE && rc->p->steps[failed].told;
}

/*
 * Plan the removal of the build `b` of the version `c`, which is gone.  Returns the last step of
 * the removal, or PLAN_NONE if `b` stays.
 */
static size_t reconcile_drop_build(struct reconcile *rc, const struct offer *c,
				   const struct world_build *b)
{
	size_t install;
	bool now;

	if (reconcile_kernel_is_gone(rc, b->release))
		return plan_find(rc->p, STEP_UNBUILD, &b->id, b->release, b->arch);
	install = reconcile_find_replacement(rc, b, &now);
	if (now)
		return want_drop_build(rc->p, b, reconcile_why_gone(c));
	if (install != PLAN_NONE)
		return reconcile_drop_replaced(rc, c, b, install);
	reconcile_keep_build(rc, b);
	return PLAN_NONE;
}

/* Plan the removal of all builds of `c` that can go.  If no build stays, plan to unregister `c`. */
static void reconcile_drop_version(struct reconcile *rc, const struct offer *c)
{
	size_t *last = NULL, n = 0, step;
	bool all = true;

	for (size_t i = 0; i < rc->w->n_builds; i++) {
		const struct world_build *b = &rc->w->builds[i];

		if (!modid_equal(&b->id, &c->id))
			continue;
		step = reconcile_drop_build(rc, c, b);
		if (step == PLAN_NONE)
			all = false;
		else
			VEC_PUSH(last, n, step);
	}
	if (all) {
		step = plan_add(rc->p, STEP_UNREGISTER, &c->id, NULL, NULL, "%s",
				reconcile_why_gone(c));
		for (size_t i = 0; i < n; i++)
			plan_after(rc->p, step, last[i]);
	}
	free(last);
}

/*
 * Plan the removal of the version `c`, which is gone.  But keep its builds if the event neither
 * lists all sources nor reports the removal of this source.  In that case a replacement may be on
 * the disk that is not registered yet.
 */
static void reconcile_settle_gone(struct reconcile *rc, const struct offer *c)
{
	if (reconcile_may_drop(rc, c)) {
		reconcile_drop_version(rc, c);
		return;
	}
	for (size_t i = 0; i < rc->w->n_builds && !reconcile_is_amid(rc); i++) {
		const struct world_build *b = &rc->w->builds[i];

		if (modid_equal(&b->id, &c->id))
			reconcile_keep_build(rc, b);
	}
}

static bool reconcile_version_is_gone(const struct reconcile *rc, const struct modid *id)
{
	for (size_t i = 0; i < rc->want.n_offers; i++) {
		if (modid_equal(&rc->want.offers[i].id, id))
			return rc->want.offers[i].gone;
	}
	return false;
}

/* Report outdated builds that stay because of /etc/dkms/no-autoinstall. */
static void reconcile_tell_stale(struct reconcile *rc)
{
	for (size_t i = 0; i < rc->w->n_builds; i++) {
		const struct world_build *b = &rc->w->builds[i];
		const struct world_kernel *k = world_kernel(rc->w, b->release);
		const struct world_module *m = world_module(rc->w, &b->id);
		bool build;
		const char *why = b->installed && k && m
					  ? want_stale(b, m->content, k->headers, &build)
					  : NULL;

		if (why && !reconcile_kernel_is_gone(rc, b->release) &&
		    !reconcile_version_is_gone(rc, &b->id))
			plan_add(rc->p, STEP_KEEP, &b->id, b->release, b->arch,
				 "%s, and /etc/dkms/no-autoinstall exists", why);
	}
}

static void reconcile_install_all(struct reconcile *rc)
{
	if (rc->e->last)
		return;
	if (rc->w->no_autoinstall) {
		plan_add(rc->p, STEP_SKIP, NULL, NULL, NULL,
			 "/etc/dkms/no-autoinstall exists, so nothing is installed");
		reconcile_tell_stale(rc);
		return;
	}
	for (size_t t = 0; t < rc->w->n_kernels; t++) {
		const struct world_kernel *k = reconcile_kernel_in_turn(rc->w, t);

		if (reconcile_kernel_is_gone(rc, k->release) ||
		    !reconcile_covers_kernel(rc, k->release) || reconcile_is_orphan_kernel(rc, k))
			continue;
		for (size_t i = 0; i < rc->want.n_offers; i++) {
			if (reconcile_is_first_of_name(rc, i))
				reconcile_want_on(rc, rc->want.offers[i].id.name, k);
		}
	}
}

void plan_event(const struct world *w, const struct event *event, struct plan *ret)
{
	struct reconcile rc = { .w = w, .e = event, .p = ret };

	ret->middle = event->middle;
	event_merge_owners(event, &w->owners, &rc.owners);
	if (!event->kernel_only)
		event_merge_owners(event, &w->owners, &ret->owners);
	rc.packaged_only = reconcile_is_packaged_only(&rc);
	want_begin(&rc.want, w, ret, event);
	reconcile_clean_kernels(&rc);
	reconcile_drop_prebuilt(&rc);
	reconcile_add_registered(&rc);
	reconcile_add_folders(&rc);
	reconcile_relink_broken(&rc);
	want_ready(&rc.want);
	reconcile_tell_broken(&rc);
	reconcile_install_all(&rc);
	/*
	 * First call, before the removals are planned: it may plan the install that replaces a
	 * version that is gone.
	 */
	if (!event->last)
		plan_rivals(&rc.want);
	for (size_t i = 0; i < rc.want.n_offers; i++) {
		if (rc.want.offers[i].gone)
			reconcile_settle_gone(&rc, &rc.want.offers[i]);
	}
	/* Second call, after the removals are planned: they may make room for other rivals. */
	if (!event->last)
		plan_rivals(&rc.want);
	if (reconcile_lists_sources(&rc))
		plan_settle_requests(w, &rc.owners, ret);
	reconcile_end_holds(&rc);
	reconcile_remember_owners(&rc);
	want_end(&rc.want);
	owners_release(&rc.owners);
	plan_finish(ret, w, &event->initramfs_follows);
}
