/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan for a command: each goal with the checks, messages and exit statuses of DKMS. */
#include <string.h>

#include "base/alloc.h"
#include "decide/goal_plan.h"
#include "decide/want.h"
#include "model/vercmp.h"

size_t goal_add_step(struct goal_plan *gp, enum step_kind kind, const char *reason)
{
	size_t i = plan_add(gp->p, kind, &gp->g->id, gp->g->release, gp->g->arch, "%s", reason);

	if (step_acts(kind))
		gp->p->steps[i].force = gp->g->force;
	return i;
}

bool goal_refuse(struct goal_plan *gp, int code, const char *reason)
{
	size_t i = goal_add_step(gp, STEP_REFUSE, reason);

	gp->p->steps[i].code = code;
	return false;
}

static bool goal_refuse_no_source(struct goal_plan *gp)
{
	AUTO_FREE char *reason = xasprintf("no source in %s/%s-%s",
					   gp->w->source_tree ? gp->w->source_tree : "/usr/src",
					   gp->g->id.name, gp->g->id.version);

	return goal_refuse(gp, -E_NO_SOURCE, reason);
}

/* As in DKMS, the error for a kernel that is not there is that of missing headers. */
static bool goal_refuse_no_kernel(struct goal_plan *gp)
{
	AUTO_FREE char *reason = xasprintf("No kernel %s here", gp->g->release);

	return goal_refuse(gp, -E_NO_HEADERS, reason);
}

const struct world_module *goal_find_module(const struct goal_plan *gp)
{
	return world_module(gp->w, &gp->g->id);
}

static const struct world_kernel *goal_find_kernel(const struct goal_plan *gp)
{
	return world_kernel(gp->w, gp->g->release);
}

static const struct world_conf *goal_find_conf(const struct goal_plan *gp)
{
	return world_conf(gp->w, &gp->g->id, gp->g->release);
}

const struct world_build *goal_find_build(const struct goal_plan *gp)
{
	return world_build(gp->w, &gp->g->id, gp->g->release, gp->g->arch);
}

/* Refuse the goal if there is no valid dkms.conf, which add, build and install need. */
static bool goal_check_conf(struct goal_plan *gp)
{
	const struct world_conf *c = goal_find_conf(gp);

	if (!c)
		return goal_refuse(gp, -E_CONF_MISSING, "it has no dkms.conf");
	return c->bad ? goal_refuse(gp, -E_BAD_CONF, c->bad) : true;
}

static size_t goal_add_register(struct goal_plan *gp, const char *reason)
{
	const struct hold *h =
		ledger_hold_removed(&gp->w->holds, gp->g->id.name, gp->g->id.version);
	size_t i = plan_add(gp->p, STEP_REGISTER, &gp->g->id, NULL, NULL, "%s", reason);
	size_t u;

	if (h) {
		u = plan_add(gp->p, STEP_UNHOLD, &gp->g->id, NULL, NULL, "added by hand");
		gp->p->steps[u].hold = HOLD_REMOVED;
		plan_after(gp->p, u, i);
	}
	return i;
}

/* ---- requests of maintainer scripts ---- */

static bool goal_awaits_removal(const struct goal_plan *gp)
{
	return plan_is_requested(gp->w, REQUEST_REMOVE, &gp->g->id);
}

static bool goal_has_source(const struct goal_plan *gp)
{
	const struct world_module *m = goal_find_module(gp);

	return m ? m->source != SOURCE_MISSING : world_folder(gp->w, &gp->g->id) != NULL;
}

/*
 * Cancel a requested removal that has not been carried out yet.  Called for add, build and install.
 */
static void goal_cancel_removal(struct goal_plan *gp)
{
	if (goal_awaits_removal(gp) && goal_has_source(gp))
		plan_add(gp->p, STEP_SETTLE, &gp->g->id, NULL, NULL, "it is wanted again");
}

static void goal_request(struct goal_plan *gp, enum request_kind kind, const char *reason)
{
	size_t step;

	if (plan_is_requested(gp->w, kind, &gp->g->id)) {
		goal_add_step(gp, STEP_SKIP, "asked for already");
		return;
	}
	step = goal_add_step(gp, STEP_REQUEST, reason);
	gp->p->steps[step].request = kind;
}

static void goal_add_later(struct goal_plan *gp)
{
	if (goal_has_source(gp))
		goal_request(gp, REQUEST_ADD, "to be added when the packages are done");
	else
		goal_refuse_no_source(gp);
}

static void goal_remove_later(struct goal_plan *gp)
{
	goal_request(gp, REQUEST_REMOVE, "to be removed when the packages are done");
}

/*
 * Is the build `b` outdated?  This is asked only while a requested removal waits: then a package
 * upgrade may have replaced the source by another one in a folder of the same name.  At any other
 * time the answer is false, because build and install use a build that is there, like DKMS.
 */
static bool goal_is_outdated(const struct goal_plan *gp, const struct world_build *b)
{
	const struct world_module *m = goal_find_module(gp);
	const struct world_kernel *k = goal_find_kernel(gp);
	bool build;

	return goal_awaits_removal(gp) && m &&
	       want_stale(b, m->content, k ? k->headers : NULL, &build) && build;
}

/* Can the build `b` be used as it is?  False if `b` is NULL. */
static bool goal_can_use_build(const struct goal_plan *gp, const struct world_build *b)
{
	return b && !b->lost && !b->surplus && !goal_is_outdated(gp, b);
}

/* ---- add ---- */

static void goal_add(struct goal_plan *gp)
{
	const struct world_module *m = goal_find_module(gp);

	if (m && m->source == SOURCE_OK && goal_awaits_removal(gp))
		return;
	if (m && m->source == SOURCE_OK && gp->p->middle) {
		/* An event may have registered the source before the package's script ran. */
		goal_add_step(gp, STEP_SKIP, "already in the DKMS tree");
		return;
	}
	if (m && m->source == SOURCE_OK) {
		goal_refuse(gp, -E_ALREADY_ADDED, "it is already in the DKMS tree");
		return;
	}
	if (m && m->source == SOURCE_MISSING) {
		goal_refuse(gp, -E_NO_SOURCE, "its source folder does not exist");
		return;
	}
	if (!m && !world_folder(gp->w, &gp->g->id)) {
		goal_refuse_no_source(gp);
		return;
	}
	if (goal_check_conf(gp))
		goal_add_register(gp, m ? "its source link is missing" : "asked for");
}

/*
 * Plan to register the module package if it is not registered.  *ret_step is that step, or
 * PLAN_NONE.  Returns false after a refusal.
 */
static bool goal_need_registered(struct goal_plan *gp, size_t *ret_step)
{
	const struct world_module *m = goal_find_module(gp);

	*ret_step = PLAN_NONE;
	if (m && (m->source == SOURCE_OK || m->source == SOURCE_NONE))
		return true;
	if (m)
		return goal_refuse(gp, -E_BROKEN,
				   "its source is missing, the module package is broken");
	if (!world_folder(gp->w, &gp->g->id))
		return goal_refuse_no_source(gp);
	if (!goal_check_conf(gp))
		return false;
	*ret_step = goal_add_register(gp, "not added yet");
	return true;
}

/* ---- build ---- */

/* Steps that a build waits for. */
struct waits {
	size_t *v;
	size_t n;
};

static void waits_release(struct waits *w)
{
	free(w->v);
}

static bool goal_depends_met(struct goal_plan *gp, const struct world_conf *c, struct waits *after)
{
	AUTO_STRV struct strv missing = STRV_INIT;
	AUTO_FREE char *list = NULL, *why = NULL;

	for (size_t i = 0; i < c->depends.n; i++) {
		const char *name = c->depends.v[i];
		bool found = world_installed(gp->w, name, gp->g->release, gp->g->arch);

		for (size_t s = 0; s < gp->p->n; s++) {
			const struct step *step = &gp->p->steps[s];

			if (step->kind == STEP_INSTALL && strcmp(step->id.name, name) == 0 &&
			    strcmp(step->release, gp->g->release) == 0) {
				VEC_PUSH(after->v, after->n, s);
				found = true;
			}
		}
		if (!found)
			strv_add(&missing, name);
	}
	if (!missing.n || gp->g->force)
		return true;
	list = strv_join(&missing, ", ");
	why = xasprintf("it needs %s, which is not installed for this kernel", list);
	return goal_refuse(gp, -E_DEPENDS, why);
}

/*
 * May the goal's module package be built?  The checks are in DKMS's order, because only the first
 * error is reported.
 */
static bool goal_may_build(struct goal_plan *gp, struct waits *after)
{
	const struct world_conf *c = goal_find_conf(gp);
	const struct world_module *m = goal_find_module(gp);
	const struct world_kernel *k = goal_find_kernel(gp);

	if (!goal_check_conf(gp))
		return false;
	if (c->excluded)
		return goal_refuse(gp, -E_EXCLUDED, c->excluded);
	if (m && m->source == SOURCE_NONE)
		return goal_refuse(gp, -E_SOURCE_EMPTY, "it has no source to build from");
	if (!world_kernel_is_here(k))
		return goal_refuse_no_kernel(gp);
	if (!k->headers && !gp->w->bundles)
		return goal_refuse(gp, -E_NO_HEADERS, "the kernel's headers are not installed");
	return goal_depends_met(gp, c, after);
}

/*
 * Plan a build, and the registration if needed.  *ret is the build step.  Returns false after a
 * refusal.
 */
static bool goal_need_build(struct goal_plan *gp, size_t *ret, const char *reason)
{
	CLEANUP(waits_release) struct waits after = { NULL, 0 };
	size_t registered;

	if (!goal_need_registered(gp, &registered) || !goal_may_build(gp, &after))
		return false;
	*ret = goal_add_step(gp, STEP_BUILD, reason);
	plan_after(gp->p, *ret, registered);
	for (size_t i = 0; i < after.n; i++)
		plan_after(gp->p, *ret, after.v[i]);
	return true;
}

static bool goal_check_not_broken(struct goal_plan *gp)
{
	const struct world_module *m = goal_find_module(gp);

	if (m && (m->source == SOURCE_MISSING || m->source == SOURCE_BROKEN))
		return goal_refuse(gp, -E_BROKEN,
				   "its source is missing, the module package is broken");
	return true;
}

static void goal_build(struct goal_plan *gp)
{
	const struct world_build *b = goal_find_build(gp);
	size_t step;

	if (!goal_check_not_broken(gp))
		return;
	if (goal_can_use_build(gp, b) && !gp->g->force)
		goal_add_step(gp, STEP_SKIP, "already built");
	else
		goal_need_build(gp, &step, goal_can_use_build(gp, b) ? "forced" : "asked for");
}

/* ---- install ---- */

/*
 * The newest registered version of the goal's name that has its source; the goal's own version if
 * none is newer.
 */
static const struct world_module *goal_find_newest(const struct goal_plan *gp)
{
	const struct world_module *best = goal_find_module(gp);

	for (size_t i = 0; i < gp->w->n_modules; i++) {
		const struct world_module *m = &gp->w->modules[i];

		if (strcmp(m->id.name, gp->g->id.name) == 0 && m->source == SOURCE_OK &&
		    (!best || vercmp(m->id.version, best->id.version) > 0))
			best = m;
	}
	return best;
}

/* Is there a newer version that an event would install? */
static bool goal_is_older(const struct goal_plan *gp)
{
	for (size_t i = 0; i < gp->w->n_modules; i++) {
		const struct world_module *m = &gp->w->modules[i];
		const struct world_conf *c = world_conf(gp->w, &m->id, gp->g->release);

		if (strcmp(m->id.name, gp->g->id.name) == 0 && m->source == SOURCE_OK && c &&
		    c->autoinstall && vercmp(m->id.version, gp->g->id.version) > 0)
			return true;
	}
	return false;
}

void goal_add_hold(struct goal_plan *gp, enum step_kind kind, enum hold_kind hold, size_t after,
		   const char *reason)
{
	bool everywhere = hold == HOLD_REMOVED;
	const struct world_module *m = everywhere ? goal_find_module(gp) : goal_find_newest(gp);
	struct step *s;
	size_t i;

	if (kind == STEP_HOLD && gp->p->middle) /* a package's script is no person */
		return;
	i = plan_add(gp->p, kind, &gp->g->id, everywhere ? NULL : gp->g->release,
		     everywhere ? NULL : gp->g->arch, "%s", reason);
	s = &gp->p->steps[i];
	s->hold = hold;
	free(s->seen);
	s->seen = m ? want_stamp(m->id.version, m->owner_version) : NULL;
	plan_after(gp->p, i, after);
}

/*
 * End a hold that this install contradicts.  A package's script, which is no person, does not end a
 * firm hold.
 */
static void goal_end_hold(struct goal_plan *gp, const struct hold *h, size_t after)
{
	size_t i;

	if (hold_is_firm(h) && gp->p->middle)
		return;
	i = plan_add(gp->p, STEP_UNHOLD, &gp->g->id, h->release, h->arch, "a person installed it");
	gp->p->steps[i].hold = h->kind;
	plan_after(gp->p, i, after);
}

/*
 * Add a hold if a person chose an older version.  Else end the hold that this install contradicts.
 * A firm hold at this very version stays as it is.
 */
static void goal_record_choice(struct goal_plan *gp, size_t after)
{
	const struct holds *l = &gp->w->holds;
	const struct goal *g = gp->g;
	const struct hold *h = ledger_hold_on(l, HOLD_VERSION, g->id.name, g->release, g->arch);

	if (h && hold_is_firm(h) && strcmp(h->version, g->id.version) == 0)
		return;
	if (goal_is_older(gp)) {
		goal_add_hold(gp, STEP_HOLD, HOLD_VERSION, after, "an older version was asked for");
		return;
	}
	if (!h)
		h = ledger_hold_on(l, HOLD_ABSENT, g->id.name, g->release, g->arch);
	if (h)
		goal_end_hold(gp, h, after);
}

static const char *goal_install_reason(const struct goal_plan *gp, const struct world_build *b)
{
	if (!b || !b->installed || goal_is_outdated(gp, b))
		return "asked for";
	return gp->g->force ? "forced" : "an installed file is not the one that was built";
}

/* Rebuild dependants with BUILD_DEPENDS_REBUILD.  Like DKMS, do nothing with --force. */
static void goal_rebuild_dependants(struct goal_plan *gp, size_t install)
{
	const struct world_kernel *k = goal_find_kernel(gp);

	if (!gp->g->force && k)
		want_rebuild_dependants(gp->w, gp->p, &gp->g->id, k, install);
}

/*
 * Does the build have all modules that the conf names now?  A build without a record is taken as
 * complete.
 */
static bool goal_has_all_modules(const struct goal_plan *gp, const struct world_build *b)
{
	const struct world_conf *c = world_conf(gp->w, &b->id, b->release);

	for (size_t i = 0; c && !b->no_record && i < c->modules.n; i++) {
		if (!strv_has(&b->modules, c->modules.v[i]))
			return false;
	}
	return true;
}

/* Refuse to install a build whose conf excludes this kernel now: no module would be installed. */
static bool goal_may_install(struct goal_plan *gp)
{
	const struct world_conf *c = goal_find_conf(gp);

	return c && c->excluded ? goal_refuse(gp, -E_EXCLUDED, c->excluded) : true;
}

static void goal_install(struct goal_plan *gp)
{
	const struct world_kernel *k = goal_find_kernel(gp);
	const struct world_build *b = goal_find_build(gp);
	const struct world_build *present;
	size_t build = PLAN_NONE, install;

	if (!goal_check_not_broken(gp))
		return;
	if (goal_can_use_build(gp, b) && b->installed && !gp->g->force && !b->differs) {
		size_t skip = goal_add_step(gp, STEP_SKIP, "already installed");

		gp->p->steps[skip].awaits_depmod = true;
		return;
	}
	if (goal_can_use_build(gp, b) && !goal_may_install(gp))
		return;
	if (!(goal_can_use_build(gp, b) && goal_has_all_modules(gp, b)) &&
	    !goal_need_build(gp, &build, "asked for"))
		return;
	if (!k || !k->tree) {
		goal_refuse(gp, -E_NO_KERNEL_TREE, "the kernel has no folder of modules");
		return;
	}
	install = goal_add_step(gp, STEP_INSTALL, goal_install_reason(gp, b));
	plan_after(gp->p, install, build);
	present = world_installed(gp->w, gp->g->id.name, gp->g->release, gp->g->arch);
	if (present && strcmp(present->id.version, gp->g->id.version) != 0) {
		struct step *s = &gp->p->steps[install];
		char *reason = xasprintf("%s, replaces %s", s->reason, present->id.version);

		free(s->reason);
		s->reason = reason;
	}
	goal_record_choice(gp, install);
	goal_rebuild_dependants(gp, install);
}

static void goal_autoinstall(struct goal_plan *gp)
{
	plan_autoinstall(gp->w, gp->g, gp->p);
}

static void goal_try(struct goal_plan *gp)
{
	plan_try(gp->w, gp->g, gp->p);
}

/* ---- all ---- */

static void (*const goal_handlers[])(struct goal_plan *gp) = {
	[GOAL_ADD] = goal_add,
	[GOAL_BUILD] = goal_build,
	[GOAL_INSTALL] = goal_install,
	[GOAL_UNINSTALL] = goal_uninstall,
	[GOAL_UNBUILD] = goal_unbuild,
	[GOAL_REMOVE] = goal_remove,
	[GOAL_AUTOINSTALL] = goal_autoinstall,
	[GOAL_ADD_LATER] = goal_add_later,
	[GOAL_REMOVE_LATER] = goal_remove_later,
	[GOAL_HOLD] = goal_hold,
	[GOAL_UNHOLD] = goal_unhold,
	[GOAL_TRY] = goal_try,
};

void plan_goals(const struct world *w, const struct goals *goals, struct plan *ret)
{
	ret->middle = goals->middle;
	for (size_t i = 0; i < goals->n; i++) {
		struct goal_plan gp = { .w = w, .p = ret, .g = &goals->v[i] };

		goal_handlers[gp.g->verb](&gp);
		if (gp.g->verb == GOAL_ADD || gp.g->verb == GOAL_BUILD ||
		    gp.g->verb == GOAL_INSTALL)
			goal_cancel_removal(&gp);
	}
	for (size_t i = 0; i < goals->n; i++) {
		struct goal_plan gp = { .w = w, .p = ret, .g = &goals->v[i] };

		if (gp.g->verb == GOAL_REMOVE)
			goal_finish_remove(&gp);
	}
	plan_finish(ret, w, NULL);
}
