/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/want.h"

#include <string.h>

#include "base/alloc.h"
#include "model/vercmp.h"

void want_begin(struct want *want, const struct world *w, struct plan *p, const struct event *event)
{
	*want = (struct want){ .w = w, .p = p, .event = event };
}

void want_end(struct want *want)
{
	free(want->offers);
	names_release(&want->names);
	free(want->result);
}

struct offer *want_add(struct want *want, const struct modid *id)
{
	struct offer c = { .id = *id, .register_step = PLAN_NONE };

	VEC_PUSH(want->offers, want->n_offers, c);
	names_add(&want->names, id->name);
	return &want->offers[want->n_offers - 1];
}

/*
 * Is the version `m` to be passed over?  Yes if its source folder has no dkms.conf, while another
 * version has one.  A removed package may leave such a folder.
 */
static bool want_passes_over(const struct world *w, const struct world_module *m)
{
	for (size_t i = 0; i < w->n_modules && m->no_conf; i++) {
		const struct world_module *o = &w->modules[i];

		if (o->source == SOURCE_OK && !o->no_conf && !strcmp(o->id.name, m->id.name))
			return true;
	}
	return false;
}

void want_add_registered(struct want *want)
{
	for (size_t i = 0; i < want->w->n_modules; i++) {
		const struct world_module *m = &want->w->modules[i];
		struct offer *c = want_add(want, &m->id);

		c->source = want_passes_over(want->w, m) ? SOURCE_MISSING : m->source;
		c->folder = m->folder;
		c->content = m->content;
		c->owner = m->owner;
		c->owner_version = m->owner_version;
		c->registered = true;
		c->pending = plan_is_requested(want->w, REQUEST_REMOVE, &m->id);
	}
}

void want_ready(struct want *want)
{
	want->result = xcalloc(want->n_offers * want->w->n_kernels, 1);
}

struct offer *want_newest(struct want *want, const char *name)
{
	struct offer *best = NULL;

	for (size_t i = names_first(&want->names, name); i != NAMES_NONE;
	     i = names_next(&want->names, i)) {
		struct offer *c = &want->offers[i];

		if (c->gone || c->source != SOURCE_OK)
			continue;
		if (!best || vercmp(c->id.version, best->id.version) > 0)
			best = c;
	}
	return best;
}

static bool want_differs(const char *a, const char *b)
{
	return a && b && strcmp(a, b) != 0;
}

const char *want_stale(const struct world_build *b, const char *content, const char *headers,
		       bool *ret_build)
{
	*ret_build = true;
	if (b->lost)
		return "modules of its build are missing";
	if (b->surplus)
		return "it has modules that its dkms.conf does not name";
	if (want_differs(b->content, content))
		return "the source changed since it was built";
	if (world_headers_differ(b->headers, headers))
		return "the kernel's headers changed since it was built";
	*ret_build = false;
	if (b->installed && b->differs)
		return "an installed file is not the one that was built";
	if (b->installed && b->hidden)
		return "the module loader does not take what is installed";
	return NULL;
}

char *want_stamp(const char *version, const char *owner_version)
{
	return owner_version ? xasprintf("%s=%s", version, owner_version) : xstrdup(version);
}

bool want_stamp_counts(const char *seen, const char *version, const char *owner_version)
{
	const char *owner = seen ? strchr(seen, '=') : NULL;
	AUTO_FREE char *held = NULL;
	int newer;

	if (!seen)
		return false;
	held = xstrndup(seen, owner ? (size_t)(owner - seen) : strlen(seen));
	newer = vercmp(version, held);
	if (newer != 0 || !owner || !owner_version)
		return newer <= 0;
	return strcmp(owner + 1, owner_version) == 0;
}

size_t want_drop_build(struct plan *p, const struct world_build *b, const char *reason)
{
	size_t uninstall = PLAN_NONE, unbuild;

	if (b->installed)
		uninstall = plan_add(p, STEP_UNINSTALL, &b->id, b->release, b->arch, "%s", reason);
	unbuild = plan_add(p, STEP_UNBUILD, &b->id, b->release, b->arch, "%s", reason);
	plan_after(p, unbuild, uninstall);
	return unbuild;
}

/* ---- one pair ---- */

size_t pair_add_step(struct want *want, const struct want_pair *pair, enum step_kind kind,
		     const char *reason)
{
	return plan_add(want->p, kind, &pair->c->id, pair->k->release, pair->k->arch, "%s", reason);
}

enum want_result pair_note(struct want *want, const struct want_pair *pair, enum step_kind kind,
			   enum want_result result, const char *reason)
{
	pair_add_step(want, pair, kind, reason);
	return result;
}

/* Add a step for a remembered failure.  The earlier run that failed has reported it already. */
static enum want_result pair_note_failure(struct want *want, const struct want_pair *pair,
					  enum step_kind kind, const char *reason)
{
	size_t i = pair_add_step(want, pair, kind, reason);

	want->p->steps[i].told = true;
	return WANT_FAILED;
}

enum want_result pair_refuse(struct want *want, const struct want_pair *pair, int code,
			     const char *reason)
{
	size_t i = pair_add_step(want, pair, STEP_REFUSE, reason);

	want->p->steps[i].code = code;
	return WANT_FAILED;
}

/* A plan that is ahead changes no holds. */
static void pair_unhold(struct want *want, const struct want_pair *pair, const struct hold *h,
			const char *why)
{
	size_t i;

	if (want->p->ahead)
		return;
	i = plan_add(want->p, STEP_UNHOLD, &pair->c->id, h->release, h->arch, "%s", why);

	want->p->steps[i].hold = h->kind;
}

/*
 * If the hold was made when the owner was unknown, plan to add the package's version to the hold's
 * stamp.  From then on a new version of the package ends the hold.
 */
static void pair_update_stamp(struct want *want, const struct want_pair *pair, const struct hold *h)
{
	struct modid id = { h->name, h->version };
	size_t i;

	if (hold_is_firm(h) || strchr(h->seen, '=') || !pair->c->owner_version || want->p->ahead)
		return;
	i = plan_add(want->p, STEP_HOLD, &id, pair->k->release, pair->k->arch,
		     "its package is known now");
	want->p->steps[i].hold = h->kind;
	free(want->p->steps[i].seen);
	want->p->steps[i].seen = want_stamp(pair->c->id.version, pair->c->owner_version);
}

/*
 * Does this plan register `c`, which a package ships, in a version older than the one that the
 * hold's stamp names?  Such a downgrade ends the hold.
 */
static bool want_is_downgrade(const struct offer *c, const struct hold *h)
{
	const char *owner = h->seen ? strchr(h->seen, '=') : NULL;
	AUTO_FREE char *held = owner ? xstrndup(h->seen, (size_t)(owner - h->seen)) : NULL;

	return held && c->register_step != PLAN_NONE && c->owner_version &&
	       vercmp(c->id.version, held) < 0;
}

static const struct hold *pair_active_hold(struct want *want, const struct want_pair *pair,
					   enum hold_kind kind)
{
	const struct hold *h = ledger_hold_on(&want->w->holds, kind, pair->c->id.name,
					      pair->k->release, pair->k->arch);

	if (!h || hold_is_firm(h))
		return h;
	if (want->p->ahead)
		return want_stamp_counts(h->seen, pair->c->id.version, pair->c->owner_version)
			       ? h
			       : NULL;
	if (!want->event) {
		pair_unhold(want, pair, h, "a command asks for it");
		return NULL;
	}
	if (want_is_downgrade(pair->c, h) ||
	    !want_stamp_counts(h->seen, pair->c->id.version, pair->c->owner_version)) {
		pair_unhold(want, pair, h, "there is a new version of its package");
		return NULL;
	}
	if (plan_is_reinstalled(want->w, want->event, &pair->c->id, pair->c->folder)) {
		pair_unhold(want, pair, h, "its package was installed again");
		return NULL;
	}
	return h;
}

const struct offer *want_find_version(const struct want *want, const char *name,
				      const char *version)
{
	for (size_t i = names_first(&want->names, name); i != NAMES_NONE;
	     i = names_next(&want->names, i)) {
		if (strcmp(want->offers[i].id.version, version) == 0)
			return &want->offers[i];
	}
	return NULL;
}

static bool pair_is_held_absent(struct want *want, const struct want_pair *pair,
				enum want_result *ret)
{
	const struct hold *h = pair_active_hold(want, pair, HOLD_ABSENT);

	if (!h)
		return false;
	pair_update_stamp(want, pair, h);
	*ret = pair_note(want, pair, STEP_HELD, WANT_HELD,
			 hold_is_firm(h) ? "a person holds it off this kernel"
					 : "a person uninstalled it from this kernel");
	return true;
}

static enum want_result
want_version(struct want *want, const struct offer *c, const struct world_kernel *k,
	     enum want_result (*decide_pair)(struct want *, const struct want_pair *));
static enum want_result pair_decide_chosen(struct want *want, const struct want_pair *pair);

/*
 * Call it if the version that `h` names is gone.  Ends the hold unless the hold is firm.  Returns
 * WANT_HELD if the hold stays, else WANT_UNKNOWN.
 */
static enum want_result pair_lost_choice(struct want *want, const struct want_pair *pair,
					 const struct hold *h)
{
	if (!hold_is_firm(h)) {
		pair_unhold(want, pair, h, "the version that a person chose is gone");
		return WANT_UNKNOWN;
	}
	plan_add(want->p, STEP_HELD, &pair->c->id, pair->k->release, pair->k->arch,
		 "a person holds version %s, whose source is gone", h->version);
	return WANT_HELD;
}

/*
 * Did a person choose another version for this kernel?  The chosen version stays installed as long
 * as it exists; if it is not installed, it is installed again.  If the answer is yes, *ret is set.
 */
static bool pair_is_held_at_version(struct want *want, const struct want_pair *pair,
				    enum want_result *ret)
{
	const struct hold *h = pair_active_hold(want, pair, HOLD_VERSION);
	const struct offer *chosen = h ? want_find_version(want, h->name, h->version) : NULL;

	if (!h || strcmp(h->version, pair->c->id.version) == 0)
		return false;
	if (!chosen || chosen->gone) {
		*ret = pair_lost_choice(want, pair, h);
		return *ret == WANT_HELD;
	}
	pair_update_stamp(want, pair, h);
	if (!pair->present || strcmp(pair->present->id.version, h->version) != 0) {
		*ret = want_version(want, chosen, pair->k, pair_decide_chosen);
		return true;
	}
	plan_add(want->p, STEP_HELD, &pair->c->id, pair->k->release, pair->k->arch,
		 hold_is_firm(h) ? "a person holds version %s on this kernel"
				 : "a person chose version %s for this kernel",
		 h->version);
	*ret = WANT_HELD;
	return true;
}

static size_t pair_add_install(struct want *want, const struct want_pair *pair, size_t build,
			       const char *reason)
{
	size_t i = pair_add_step(want, pair, STEP_INSTALL, reason);

	plan_after(want->p, i, build);
	plan_after(want->p, i, pair->c->register_step);
	return i;
}

/*
 * Add the step about an invalid conf.  If an event has the error from a remembered verdict, an
 * earlier run has reported the error already, so the event does not fail.
 */
static enum want_result pair_bad_conf(struct want *want, const struct want_pair *pair)
{
	if (want->event && pair->conf->known)
		return pair_note_failure(want, pair, STEP_BAD, pair->conf->bad);
	return pair_refuse(want, pair, -E_BAD_CONF, pair->conf->bad);
}

/*
 * Did this build fail before, with the same input?  Returns that failure; NULL: there is none, or
 * it does not count.  For a command it counts only if the command builds ahead: any other command
 * tries again. A failure of the middle (struct failure.middle) counts only for events of the
 * middle.
 */
static const struct failure *pair_failed_before(struct want *want, const struct want_pair *pair)
{
	const struct failure *f;

	if (want->again || !(want->event || want->p->ahead) || !pair->conf->key)
		return NULL;
	f = ledger_failure(&want->w->failures, pair->c->id.name, pair->c->id.version,
			   pair->k->release, pair->k->arch);
	if (!f || !f->key || (f->middle && !(want->event && want->event->middle)) ||
	    !world_failure_same(f->key, pair->conf->key))
		return NULL;
	return f;
}

/*
 * "on 2026-11-28", the day of a time in seconds since 1970; caller frees.  Years are
 * counted from March, so that 29 February is the last day of a year.
 */
static char *want_day(int64_t seconds)
{
	int64_t days = seconds / 86400 + 719468, era = days / 146097, of_era = days % 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153, day = of_year - (153 * month + 2) / 5 + 1;

	year += era * 400 + (month >= 10);
	month += month < 10 ? 3 : -9;
	return xasprintf("on %04lld-%02lld-%02lld", (long long)year, (long long)month,
			 (long long)day);
}

/*
 * Tell when it failed, and what makes an event try again.  The day is that of UTC, because a plan
 * depends on no time zone.
 */
static enum want_result pair_tell_failure(struct want *want, const struct want_pair *pair,
					  const struct failure *f)
{
	AUTO_FREE char *day = f->since > 0 ? want_day(f->since) : xstrdup("before");
	AUTO_FREE char *why = NULL;

	if (want->p->ahead) {
		why = xasprintf("its build failed %s: %s", day, f->what ? f->what : "");
		return pair_refuse(want, pair, -E_MAKE, why);
	}
	why = xasprintf("its build failed %s; it is tried again when its source, the headers or "
			"the compiler change, or now by \"dkms install %s/%s -k %s\"",
			day, pair->c->id.name, pair->c->id.version, pair->k->release);
	return pair_note_failure(want, pair, STEP_FAILED, why);
}

/*
 * If the kernel's modules lie on a read-only file system, let an event wait: an image-based system
 * may be mounted read-only while it runs.  A command tries, and reports the error.
 */
static bool pair_waits_for_writing(struct want *want, const struct want_pair *pair,
				   enum want_result *ret)
{
	if (!want->event || !pair->k->read_only)
		return false;
	*ret = pair_note(want, pair, STEP_WAITING, WANT_WAITING,
			 "the kernel's modules lie on a read-only file system");
	return true;
}

/*
 * Plan to install a build that needs no rebuild.  A prebuilt one goes in after its dependencies, as
 * a new one would.
 */
static enum want_result pair_plan_install(struct want *want, const struct want_pair *pair,
					  const char *reason)
{
	CLEANUP(needs_release) struct want_needs needs = { 0 };
	enum want_result r;
	size_t install;

	if (want->p->ahead)
		return pair_note(want, pair, STEP_SKIP, WANT_DONE, "already built");
	if (pair_waits_for_writing(want, pair, &r))
		return r;
	if (pair->build->prebuilt && !pair_depends_met(want, pair, NULL, &needs, &r))
		return r;
	install = pair_add_install(want, pair, PLAN_NONE, reason);
	for (size_t i = 0; i < needs.n_after; i++)
		plan_after(want->p, install, needs.after[i]);
	for (size_t i = 0; i < needs.n_behind; i++)
		plan_behind(want->p, install, needs.behind[i]);
	return WANT_PLANNED;
}

static enum want_result pair_plan_build(struct want *want, const struct want_pair *pair,
					const char *changed, const char *reason)
{
	CLEANUP(needs_release) struct want_needs needs = { 0 };
	const struct failure *failed = pair_failed_before(want, pair);
	enum want_result r;
	size_t build;

	if (pair_waits_for_writing(want, pair, &r))
		return r;
	if (want->event && !want->w->only_bundles &&
	    event_headers_unready(want->event, pair->k->release))
		return pair_note(want, pair, STEP_WAITING, WANT_WAITING,
				 "a package that the kernel's headers depend on is not installed");
	if (!pair->k->headers && !want->w->bundles)
		return pair_note(want, pair, STEP_WAITING, WANT_WAITING,
				 "the kernel's headers are not installed");
	if (!pair_depends_met(want, pair, changed, &needs, &r))
		return r;
	/*
	 * If this plan installs a dependency, try the build again: it may succeed with the new
	 * dependency.
	 */
	if (!needs.n_after && !needs.n_behind && failed)
		return pair_tell_failure(want, pair, failed);
	build = pair_add_step(want, pair, STEP_BUILD, reason);
	plan_after(want->p, build, pair->c->register_step);
	for (size_t i = 0; i < needs.n_after; i++)
		plan_after(want->p, build, needs.after[i]);
	for (size_t i = 0; i < needs.n_behind; i++) {
		if (failed)
			plan_after(want->p, build, needs.behind[i]);
		else
			plan_behind(want->p, build, needs.behind[i]);
	}
	if (!want->p->ahead)
		pair_add_install(want, pair, build, reason);
	return WANT_PLANNED;
}

/*
 * The same as want_stale(), but a changed dependency counts, too.  *ret_changed is the dependency
 * that requires the rebuild, or NULL.  Caller frees the result.
 */
static char *pair_why_stale(struct want *want, const struct want_pair *pair, bool *ret_build,
			    const char **ret_changed)
{
	const char *why = want_stale(pair->build, pair->c->content, pair->k->headers, ret_build);

	*ret_changed = NULL;
	if (why && *ret_build)
		return xstrdup(why);
	*ret_changed = pair_changed_dependency(want, pair);
	if (*ret_changed) {
		*ret_build = true;
		return xasprintf("%s, which it was built against, changes", *ret_changed);
	}
	return why ? xstrdup(why) : NULL;
}

/* Plan what is needed to make this version, which is installed, current. */
static enum want_result pair_check_installed(struct want *want, const struct want_pair *pair)
{
	AUTO_FREE char *why = NULL;
	const char *changed;
	bool build;

	if (pair->build->no_record)
		pair_add_step(want, pair, STEP_ADOPT,
			      "installed by DKMS, there is no record of it");
	why = pair_why_stale(want, pair, &build, &changed);
	if (!why)
		return WANT_DONE;
	if (pair->conf && pair->conf->excluded) {
		plan_add(want->p, STEP_KEEP, &pair->c->id, pair->k->release, pair->k->arch,
			 "%s, and now it is excluded: %s", why, pair->conf->excluded);
		return WANT_DONE;
	}
	if (!build)
		return pair_plan_install(want, pair, why);
	if (!pair->conf)
		return WANT_DONE;
	return pair->conf->bad ? pair_bad_conf(want, pair)
			       : pair_plan_build(want, pair, changed, why);
}

/*
 * Plan to install this version, which is not installed, if its conf allows that.  With `upgrade`,
 * install it even without AUTOINSTALL, because a person chose this version, or because it replaces
 * a version that is gone.
 */
static enum want_result pair_check_new(struct want *want, const struct want_pair *pair,
				       bool upgrade)
{
	AUTO_FREE char *why = pair->present ? xasprintf("replaces %s", pair->present->id.version)
					    : xstrdup("not installed for this kernel");
	bool build = true;

	if (!pair->conf)
		return want->event
			       ? pair_note(want, pair, STEP_BAD, WANT_FAILED, "it has no dkms.conf")
			       : pair_refuse(want, pair, -E_CONF_MISSING, "it has no dkms.conf");
	if (pair->build)
		want_stale(pair->build, pair->c->content, pair->k->headers, &build);
	/* A dependency may have changed since a prebuilt build was made. */
	if (!build && (want->again || (pair->build->prebuilt && pair_other_dependency(want, pair))))
		build = true;
	/*
	 * `dkms status` evaluates no conf.  If the conf has changed since its last verdict, the
	 * last verdict serves to tell what an event would do.
	 */
	if (pair->conf->unknown)
		return pair->conf->autoinstall && pair->build && build
			       ? pair_plan_build(want, pair, NULL, why)
			       : WANT_UNWANTED;
	if (pair->conf->bad)
		return pair_bad_conf(want, pair);
	if (!pair->conf->autoinstall && !upgrade)
		return WANT_UNWANTED;
	if (pair->conf->excluded)
		return pair_note(want, pair, STEP_EXCLUDED, WANT_EXCLUDED, pair->conf->excluded);
	if (build)
		return pair_plan_build(want, pair, NULL, why);
	if (want->event && pair->build->refused)
		return pair_note_failure(
			want, pair, STEP_FAILED,
			"other modules of the same names were newer, and they still are "
			"there");
	return pair_plan_install(want, pair, why);
}

static bool pair_is_installed(const struct want_pair *pair)
{
	return pair->build && pair->build->installed;
}

static enum want_result pair_decide_chosen(struct want *want, const struct want_pair *pair)
{
	if (pair->c->source != SOURCE_OK)
		return pair_note(want, pair, STEP_BROKEN, WANT_FAILED, "its source is not there");
	return pair_check_new(want, pair, true);
}

static bool pair_present_is_gone(const struct want *want, const struct want_pair *pair)
{
	const struct offer *c =
		pair->present ? want_find_version(want, pair->c->id.name, pair->present->id.version)
			      : NULL;

	return c && c->gone;
}

static enum want_result pair_decide(struct want *want, const struct want_pair *pair)
{
	bool gone = pair_present_is_gone(want, pair);
	enum want_result r;

	if (pair_is_held_absent(want, pair, &r) || pair_is_held_at_version(want, pair, &r))
		return r;
	if (pair->c->source != SOURCE_OK)
		return pair_note(want, pair, STEP_BROKEN, WANT_FAILED, "its source is not there");
	if (pair_is_installed(pair))
		return pair_check_installed(want, pair);
	if (pair->present && !gone && vercmp(pair->present->id.version, pair->c->id.version) > 0) {
		plan_add(want->p, STEP_KEEP, &pair->c->id, pair->k->release, pair->k->arch,
			 "the installed %s is newer", pair->present->id.version);
		return WANT_UNWANTED;
	}
	return pair_check_new(want, pair, gone);
}

static enum want_result
want_version(struct want *want, const struct offer *c, const struct world_kernel *k,
	     enum want_result (*decide_pair)(struct want *, const struct want_pair *))
{
	size_t ci = (size_t)(c - want->offers), ki = (size_t)(k - want->w->kernels);
	char *result = &want->result[ci * want->w->n_kernels + ki];
	struct want_pair t = {
		.c = c,
		.k = k,
		.conf = world_conf(want->w, &c->id, k->release),
		.build = world_build(want->w, &c->id, k->release, k->arch),
		.present = world_installed(want->w, c->id.name, k->release, k->arch),
	};

	if (*result == WANT_UNKNOWN) {
		*result = WANT_BUSY;
		*result = (char)decide_pair(want, &t);
	}
	return (enum want_result) * result;
}

/* Plan what keeps the installed version current, in case the newest version cannot be installed. */
static void want_refresh_installed(struct want *want, const char *name,
				   const struct world_kernel *k)
{
	const struct world_build *old = world_installed(want->w, name, k->release, k->arch);
	const struct offer *c = old ? want_find_version(want, name, old->id.version) : NULL;

	if (c && !c->gone && !c->pending && c->source == SOURCE_OK)
		want_version(want, c, k, pair_check_installed);
}

/*
 * Plan steps that keep the installed version current, in case the install of `c`, the newest
 * version, fails.  These steps are done only if the install of `c` fails or is not done
 * (step.fallback).
 */
static void want_plan_fallback(struct want *want, const struct offer *c,
			       const struct world_kernel *k)
{
	size_t first = want->p->n, unless = want_find_install(want->p, c->id.name, k);
	const struct world_build *old = world_installed(want->w, c->id.name, k->release, k->arch);

	if (unless == PLAN_NONE || !old || modid_equal(&old->id, &c->id))
		return;
	want_refresh_installed(want, c->id.name, k);
	for (size_t i = first; i < want->p->n; i++) {
		struct step *s = &want->p->steps[i];

		if (!s->id.name || strcmp(s->id.name, c->id.name) != 0)
			continue;
		s->fallback = true;
		s->unless = unless;
	}
}

enum want_result want_name(struct want *want, const char *name, const struct world_kernel *k)
{
	const struct offer *c = want_newest(want, name);
	enum want_result r;

	if (!c)
		return want_stays_installed(want, name, k) ? WANT_DONE : WANT_UNKNOWN;
	if (c->pending) {
		plan_add(want->p, STEP_PENDING, &c->id, k->release, k->arch,
			 "its removal was asked for");
		return WANT_DEFERRED;
	}
	r = want_version(want, c, k, pair_decide);
	if (r == WANT_PLANNED)
		want_plan_fallback(want, c, k);
	else if (r != WANT_DONE && r != WANT_BUSY)
		want_refresh_installed(want, name, k);
	return r;
}

enum want_result want_named(struct want *want, const struct modid *id, const struct world_kernel *k)
{
	const struct offer *c = want_find_version(want, id->name, id->version);

	return c ? want_version(want, c, k, pair_decide_chosen) : WANT_UNKNOWN;
}
