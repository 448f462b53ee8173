/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/want.h"

#include <string.h>

#include "base/alloc.h"
#include "model/vercmp.h"

void want_begin(struct want *want, const struct world *w, struct plan *p, bool event)
{
	*want = (struct want){ .w = w, .p = p, .event = event };
}

void want_end(struct want *want)
{
	free(want->cand);
	free(want->result);
}

struct candidate *want_add(struct want *want, const struct modid *id)
{
	struct candidate c = { .id = *id, .register_step = PLAN_NONE };

	VEC_PUSH(want->cand, want->n_cand, c);
	return &want->cand[want->n_cand - 1];
}

void want_ready(struct want *want)
{
	want->result = xcalloc(want->n_cand * want->w->n_kernels, 1);
}

struct candidate *want_newest(struct want *want, const char *name)
{
	struct candidate *best = NULL;

	for (size_t i = 0; i < want->n_cand; i++) {
		struct candidate *c = &want->cand[i];

		if (strcmp(c->id.name, name) != 0 || c->gone || c->source != SOURCE_OK)
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
	if (want_differs(b->content, content))
		return "the source changed since it was built";
	if (world_headers_differ(b->headers, headers))
		return "the kernel's headers changed since it was built";
	*ret_build = false;
	if (b->installed && b->differs)
		return "what is installed is not what was built";
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

/* One candidate on one kernel. */
struct pair {
	const struct candidate *c;
	const struct world_kernel *k;
	const struct world_conf *conf;
	const struct world_build *build;   /* of this version */
	const struct world_build *present; /* installed, of any version */
};

static size_t pair_add_step(struct want *want, const struct pair *pair, enum step_kind kind,
			    const char *reason)
{
	return plan_add(want->p, kind, &pair->c->id, pair->k->release, pair->k->arch, "%s", reason);
}

static enum want_result pair_note(struct want *want, const struct pair *pair, enum step_kind kind,
				  enum want_result result, const char *reason)
{
	pair_add_step(want, pair, kind, reason);
	return result;
}

/* A failure that is remembered from an earlier run, which reported it. */
static enum want_result pair_note_failure(struct want *want, const struct pair *pair,
					  enum step_kind kind, const char *reason)
{
	size_t i = pair_add_step(want, pair, kind, reason);

	want->p->steps[i].told = true;
	return WANT_FAILED;
}

static enum want_result pair_refuse(struct want *want, const struct pair *pair, int code,
				    const char *reason)
{
	size_t i = pair_add_step(want, pair, STEP_REFUSE, reason);

	want->p->steps[i].code = code;
	return WANT_FAILED;
}

static void pair_unhold(struct want *want, const struct pair *pair, enum hold_kind kind,
			const char *why)
{
	size_t i = pair_add_step(want, pair, STEP_UNHOLD, why);

	want->p->steps[i].hold = kind;
}

/*
 * The hold was made when the owner was unknown.  Add the package's version to its stamp, so that a
 * new version of the package ends the hold.
 */
static void pair_update_stamp(struct want *want, const struct pair *pair, const struct hold *h)
{
	struct modid id = { h->name, h->version };
	size_t i;

	if (strchr(h->seen, '=') || !pair->c->owner_version)
		return;
	i = plan_add(want->p, STEP_HOLD, &id, pair->k->release, pair->k->arch,
		     "its package is known now");
	want->p->steps[i].hold = h->kind;
	free(want->p->steps[i].seen);
	want->p->steps[i].seen = want_stamp(pair->c->id.version, pair->c->owner_version);
}

/* A package now ships an older version than the hold has seen: a downgrade ends it, too. */
static bool candidate_is_downgrade(const struct candidate *c, const struct hold *h)
{
	return c->register_step != PLAN_NONE && c->owner_version && h->seen && strchr(h->seen, '=');
}

static const struct hold *pair_active_hold(struct want *want, const struct pair *pair,
					   enum hold_kind kind)
{
	const struct hold *h = ledger_hold(&want->w->ledger, kind, pair->c->id.name,
					   pair->k->release, pair->k->arch);

	if (!h)
		return NULL;
	if (!want->event) {
		pair_unhold(want, pair, kind, "a command asks for it");
		return NULL;
	}
	if (candidate_is_downgrade(pair->c, h) ||
	    !want_stamp_counts(h->seen, pair->c->id.version, pair->c->owner_version)) {
		pair_unhold(want, pair, kind, "there is a new version of its package");
		return NULL;
	}
	return h;
}

static const struct candidate *want_find_version(const struct want *want, const char *name,
						 const char *version)
{
	for (size_t i = 0; i < want->n_cand; i++) {
		const struct candidate *c = &want->cand[i];

		if (strcmp(c->id.name, name) == 0 && strcmp(c->id.version, version) == 0)
			return c;
	}
	return NULL;
}

static bool pair_is_held_absent(struct want *want, const struct pair *pair, enum want_result *ret)
{
	const struct hold *h = pair_active_hold(want, pair, HOLD_ABSENT);

	if (!h)
		return false;
	pair_update_stamp(want, pair, h);
	*ret = pair_note(want, pair, STEP_HELD, WANT_HELD,
			 "a person uninstalled it from this kernel");
	return true;
}

static enum want_result
want_version(struct want *want, const struct candidate *c, const struct world_kernel *k,
	     enum want_result (*decide_pair)(struct want *, const struct pair *));
static enum want_result pair_decide_chosen(struct want *want, const struct pair *pair);

/*
 * The version that a person chose stays installed as long as it exists; if it is not installed, it
 * is installed again.
 */
static bool pair_is_held_at_version(struct want *want, const struct pair *pair,
				    enum want_result *ret)
{
	const struct hold *h = pair_active_hold(want, pair, HOLD_VERSION);
	const struct candidate *chosen = h ? want_find_version(want, h->name, h->version) : NULL;

	if (!h || strcmp(h->version, pair->c->id.version) == 0)
		return false;
	if (!chosen || chosen->gone) {
		pair_unhold(want, pair, HOLD_VERSION, "the version that a person chose is gone");
		return false;
	}
	pair_update_stamp(want, pair, h);
	if (!pair->present || strcmp(pair->present->id.version, h->version) != 0) {
		*ret = want_version(want, chosen, pair->k, pair_decide_chosen);
		return true;
	}
	plan_add(want->p, STEP_HELD, &pair->c->id, pair->k->release, pair->k->arch,
		 "a person chose version %s for this kernel", h->version);
	*ret = WANT_HELD;
	return true;
}

static void pair_add_install(struct want *want, const struct pair *pair, size_t build,
			     const char *reason)
{
	size_t i = pair_add_step(want, pair, STEP_INSTALL, reason);

	plan_after(want->p, i, build);
	plan_after(want->p, i, pair->c->register_step);
}

static bool want_installs(const struct step *s, const char *name, const struct world_kernel *k)
{
	return s->kind == STEP_INSTALL && strcmp(s->id.name, name) == 0 &&
	       strcmp(s->release, k->release) == 0;
}

/* The first step that installs any version of name on k; PLAN_NONE if there is none. */
static size_t want_find_install(const struct plan *p, const char *name,
				const struct world_kernel *k)
{
	for (size_t i = 0; i < p->n; i++) {
		if (want_installs(&p->steps[i], name, k))
			return i;
	}
	return PLAN_NONE;
}

/* Install steps of dependencies that a build waits for. */
struct needs {
	size_t *after, *behind; /* as in struct step */
	size_t n_after, n_behind;
};

static void needs_release(struct needs *n)
{
	free(n->after);
	free(n->behind);
}

/*
 * If a version of the dependency is installed, that one serves when the newer one fails, so the
 * build only waits for the install to end.  must: the build is made because that dependency
 * changes, so its install has to succeed.
 */
static void needs_add(struct want *want, const struct pair *pair, const char *name, bool must,
		      struct needs *ret)
{
	if (must || !world_installed(want->w, name, pair->k->release, pair->k->arch)) {
		VEC_PUSH(ret->after, ret->n_after, want_find_install(want->p, name, pair->k));
		return;
	}
	for (size_t i = 0; i < want->p->n; i++) {
		if (want_installs(&want->p->steps[i], name, pair->k))
			VEC_PUSH(ret->behind, ret->n_behind, i);
	}
}

/*
 * Is a version of name installed, and does one stay installed?  A version that is dropped is
 * removed only after its replacement is installed, if there is one.
 */
static bool want_stays_installed(struct want *want, const char *name, const struct world_kernel *k)
{
	const struct world_build *b = world_installed(want->w, name, k->release, k->arch);
	const struct candidate *c = b ? want_find_version(want, name, b->id.version) : NULL;

	return b && (!(c && c->dropped) || want_newest(want, name));
}

/* Plan one dependency; ret gets the steps that the dependant waits for. */
static enum want_result pair_depend(struct want *want, const struct pair *pair, const char *name,
				    bool must, struct needs *ret)
{
	enum want_result r = want_name(want, name, pair->k);

	if (r == WANT_PLANNED)
		needs_add(want, pair, name, must, ret);
	else if (want_stays_installed(want, name, pair->k))
		return WANT_DONE;
	return r;
}

/*
 * A dependency cannot be had.  For a command that is an error; an event only notes it and keeps its
 * exit status, because the next event will find the same.
 */
static enum want_result pair_unmet(struct want *want, const struct pair *pair,
				   enum want_result result, enum step_kind kind, const char *reason)
{
	return want->event ? pair_note(want, pair, kind, result, reason)
			   : pair_refuse(want, pair, -E_DEPENDS, reason);
}

char *want_needs_text(const char *name)
{
	return xasprintf("needs %s, which is not installed", name);
}

static enum want_result pair_depend_failed(struct want *want, const struct pair *pair,
					   const char *name, enum want_result r)
{
	AUTO_FREE char *why = NULL;

	if (r == WANT_UNKNOWN) {
		why = xasprintf("needs %s, which is not registered", name);
		return pair_note(want, pair, STEP_DEFERRED, WANT_DEFERRED, why);
	}
	if (r == WANT_DEFERRED) {
		why = xasprintf("needs %s, which is put off", name);
		return pair_note(want, pair, STEP_DEFERRED, WANT_DEFERRED, why);
	}
	if (r == WANT_BUSY) {
		why = xasprintf("BUILD_DEPENDS goes in a circle through %s", name);
		return pair_unmet(want, pair, WANT_FAILED, STEP_FAILED, why);
	}
	if (r == WANT_WAITING) {
		why = xasprintf("needs %s, which waits", name);
		return pair_note(want, pair, STEP_WAITING, WANT_WAITING, why);
	}
	why = want_needs_text(name);
	if (r == WANT_HELD)
		return pair_unmet(want, pair, WANT_HELD, STEP_HELD, why);
	if (r == WANT_UNWANTED)
		return pair_unmet(want, pair, WANT_DEFERRED, STEP_DEFERRED, why);
	return pair_unmet(want, pair, WANT_FAILED, STEP_FAILED, why);
}

/*
 * An excluded dependency counts as met, as in DKMS, which strikes excluded and installed modules
 * from BUILD_DEPENDS first.  changed: the dependency because of which this is built again, or NULL.
 */
static bool pair_depends_met(struct want *want, const struct pair *pair, const char *changed,
			     struct needs *ret_needs, enum want_result *ret)
{
	for (size_t i = 0; i < pair->conf->depends.n; i++) {
		const char *name = pair->conf->depends.v[i];
		bool must = changed && strcmp(changed, name) == 0;
		enum want_result r = pair_depend(want, pair, name, must, ret_needs);

		if (r != WANT_PLANNED && r != WANT_DONE && r != WANT_EXCLUDED) {
			*ret = pair_depend_failed(want, pair, name, r);
			return false;
		}
	}
	return true;
}

/* An earlier event reported a verdict that is remembered. */
static enum want_result pair_bad_conf(struct want *want, const struct pair *pair)
{
	if (want->event && pair->conf->known)
		return pair_note_failure(want, pair, STEP_BAD, pair->conf->bad);
	return pair_refuse(want, pair, -E_BAD_CONF, pair->conf->bad);
}

static bool pair_failed_before(struct want *want, const struct pair *pair)
{
	const struct failure *f;

	if (!want->event || !pair->conf->key)
		return false;
	f = ledger_failure(&want->w->ledger, pair->c->id.name, pair->c->id.version,
			   pair->k->release, pair->k->arch);
	return f && f->key && world_failure_same(f->key, pair->conf->key);
}

static enum want_result pair_plan_build(struct want *want, const struct pair *pair,
					const char *changed, const char *reason)
{
	CLEANUP(needs_release) struct needs needs = { 0 };
	bool failed = pair_failed_before(want, pair);
	enum want_result r;
	size_t build;

	if (!pair->k->headers)
		return pair_note(want, pair, STEP_WAITING, WANT_WAITING,
				 "the kernel's headers are not installed");
	if (!pair_depends_met(want, pair, changed, &needs, &r))
		return r;
	/* A dependency that this plan installs may make the build succeed: try it again then. */
	if (!needs.n_after && !needs.n_behind && failed)
		return pair_note_failure(want, pair, STEP_FAILED,
					 "its build failed before and nothing has changed since");
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
	pair_add_install(want, pair, build, reason);
	return WANT_PLANNED;
}

/*
 * Is it built against the dependency as it will be after this plan?  Old records name only the
 * dependency's version ("foo/1"), newer ones its source's hash, too ("foo/1=HASH").
 */
static bool pair_is_built_against(const struct want *want, const struct pair *pair,
				  const char *name)
{
	size_t install = want_find_install(want->p, name, pair->k);
	const struct world_build *now =
		world_installed(want->w, name, pair->k->release, pair->k->arch);
	const struct modid *id = install != PLAN_NONE ? &want->p->steps[install].id
				 : now		      ? &now->id
						      : NULL;
	const struct candidate *c = id ? want_find_version(want, name, id->version) : NULL;
	AUTO_FREE char *text = id ? modid_text(id) : NULL;
	AUTO_FREE char *exact = NULL;

	/* DKMS leaves no such record: assume that it was built against what is installed now. */
	if (!id || pair->build->no_record)
		return install == PLAN_NONE;
	if (strv_has(&pair->build->depends, text))
		return true;
	exact = xasprintf("%s=%s", text,
			  install == PLAN_NONE && now->content ? now->content
			  : c && c->content		       ? c->content
							       : "");
	return strv_has(&pair->build->depends, exact);
}

/* The first dependency whose change requires a rebuild (BUILD_DEPENDS_REBUILD), or NULL. */
static const char *pair_changed_dependency(struct want *want, const struct pair *pair)
{
	if (!pair->conf || !pair->conf->rebuild)
		return NULL;
	for (size_t i = 0; i < pair->conf->depends.n; i++) {
		const char *name = pair->conf->depends.v[i];

		if (want_name(want, name, pair->k) != WANT_BUSY &&
		    !pair_is_built_against(want, pair, name))
			return name;
	}
	return NULL;
}

/*
 * Like want_stale(), with the dependencies: *ret_changed is the one that requires the rebuild, or
 * NULL.  Caller frees.
 */
static char *pair_why_stale(struct want *want, const struct pair *pair, bool *ret_build,
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

/* This version is installed: plan what is needed to make it current. */
static enum want_result pair_check_installed(struct want *want, const struct pair *pair)
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
	if (!build) {
		pair_add_install(want, pair, PLAN_NONE, why);
		return WANT_PLANNED;
	}
	if (!pair->conf)
		return WANT_DONE;
	return pair->conf->bad ? pair_bad_conf(want, pair)
			       : pair_plan_build(want, pair, changed, why);
}

/*
 * This version is not installed.  upgrade: install it even without AUTOINSTALL, because a person
 * chose it or it replaces a version that is gone.
 */
static enum want_result pair_check_new(struct want *want, const struct pair *pair, bool upgrade)
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
	/* status evaluates no conf: go by the last verdict to tell what an event would do. */
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
	pair_add_install(want, pair, PLAN_NONE, why);
	return WANT_PLANNED;
}

static bool pair_is_installed(const struct pair *pair)
{
	return pair->build && pair->build->installed;
}

static enum want_result pair_decide_chosen(struct want *want, const struct pair *pair)
{
	if (pair->c->source != SOURCE_OK)
		return pair_note(want, pair, STEP_BROKEN, WANT_FAILED, "its source is not there");
	return pair_check_new(want, pair, true);
}

static bool pair_present_is_gone(const struct want *want, const struct pair *pair)
{
	const struct candidate *c =
		pair->present ? want_find_version(want, pair->c->id.name, pair->present->id.version)
			      : NULL;

	return c && c->gone;
}

static enum want_result pair_decide(struct want *want, const struct pair *pair)
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
want_version(struct want *want, const struct candidate *c, const struct world_kernel *k,
	     enum want_result (*decide_pair)(struct want *, const struct pair *))
{
	size_t ci = (size_t)(c - want->cand), ki = (size_t)(k - want->w->kernels);
	char *result = &want->result[ci * want->w->n_kernels + ki];
	struct pair t = {
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

/* The newest version cannot be installed: keep the installed one current. */
static void want_refresh_installed(struct want *want, const char *name,
				   const struct world_kernel *k)
{
	const struct world_build *old = world_installed(want->w, name, k->release, k->arch);
	const struct candidate *c = old ? want_find_version(want, name, old->id.version) : NULL;

	if (c && !c->gone && !c->pending && c->source == SOURCE_OK)
		want_version(want, c, k, pair_check_installed);
}

/*
 * The newest version will be tried.  Plan for its failure: the steps that keep the installed
 * version current are done only if the newest one's install was not (step.fallback).
 */
static void want_plan_fallback(struct want *want, const struct candidate *c,
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
	const struct candidate *c = want_newest(want, name);
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

/* ---- BUILD_DEPENDS_REBUILD ---- */

static bool want_is_built_against(const struct world_build *b, const struct modid *id)
{
	AUTO_FREE char *text = modid_text(id);
	size_t len = strlen(text);

	for (size_t i = 0; i < b->depends.n; i++) {
		const char *d = b->depends.v[i];

		if (strncmp(d, text, len) == 0 && (d[len] == '\0' || d[len] == '='))
			return true;
	}
	return false;
}

void want_rebuild_dependants(const struct world *w, struct plan *p, const struct modid *id,
			     const struct world_kernel *k, size_t step)
{
	for (size_t i = 0; i < w->n_builds; i++) {
		const struct world_build *b = &w->builds[i];
		const struct world_conf *c = world_conf(w, &b->id, k->release);
		size_t build, install;

		if (!b->installed || strcmp(b->release, k->release) != 0 ||
		    strcmp(b->arch, k->arch) != 0 || !c || !c->rebuild || c->bad || c->excluded ||
		    !k->headers || !strv_has(&c->depends, id->name) || want_is_built_against(b, id))
			continue;
		build = plan_add(p, STEP_BUILD, &b->id, k->release, k->arch,
				 "%s, which it was built against, changes", id->name);
		install = plan_add(p, STEP_INSTALL, &b->id, k->release, k->arch,
				   "%s, which it was built against, changes", id->name);
		plan_after(p, build, step);
		plan_after(p, install, build);
	}
}
