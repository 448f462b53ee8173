/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/want.h"

#include <string.h>

#include "base/alloc.h"
#include "model/vercmp.h"

void want_begin(struct want *x, const struct world *w, struct plan *p, bool event)
{
	*x = (struct want){ .w = w, .p = p, .event = event };
}

void want_end(struct want *x)
{
	free(x->cand);
	free(x->result);
}

struct candidate *want_add(struct want *x, const struct modid *id)
{
	struct candidate c = { .id = *id, .register_step = PLAN_NONE };

	VEC_PUSH(x->cand, x->n_cand, c);
	return &x->cand[x->n_cand - 1];
}

void want_ready(struct want *x)
{
	x->result = xcalloc(x->n_cand * x->w->n_kernels, 1);
}

struct candidate *want_newest(struct want *x, const char *name)
{
	struct candidate *best = NULL;

	for (size_t i = 0; i < x->n_cand; i++) {
		struct candidate *c = &x->cand[i];

		if (strcmp(c->id.name, name) != 0 || c->gone || c->source != SOURCE_OK)
			continue;
		if (!best || vercmp(c->id.version, best->id.version) > 0)
			best = c;
	}
	return best;
}

static bool differs(const char *a, const char *b)
{
	return a && b && strcmp(a, b) != 0;
}

const char *want_stale(const struct world_build *b, const char *content, const char *headers,
		       bool *ret_build)
{
	*ret_build = true;
	if (b->lost)
		return "modules of its build are missing";
	if (differs(b->content, content))
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

struct pair {
	const struct candidate *c;
	const struct world_kernel *k;
	const struct world_conf *conf;
	const struct world_build *build;   /* of this version */
	const struct world_build *present; /* installed, of any version */
};

static enum want_result note(struct want *x, const struct pair *t, enum step_kind kind,
			     enum want_result result, const char *reason)
{
	plan_add(x->p, kind, &t->c->id, t->k->release, t->k->arch, "%s", reason);
	return result;
}

/* Of an earlier run, which told it. */
static enum want_result note_failure(struct want *x, const struct pair *t, enum step_kind kind,
				     const char *reason)
{
	size_t i = plan_add(x->p, kind, &t->c->id, t->k->release, t->k->arch, "%s", reason);

	x->p->steps[i].told = true;
	return WANT_FAILED;
}

static enum want_result refuse(struct want *x, const struct pair *t, int code, const char *reason)
{
	size_t i = plan_add(x->p, STEP_REFUSE, &t->c->id, t->k->release, t->k->arch, "%s", reason);

	x->p->steps[i].code = code;
	return WANT_FAILED;
}

static void unhold(struct want *x, const struct pair *t, enum hold_kind kind, const char *why)
{
	size_t i = plan_add(x->p, STEP_UNHOLD, &t->c->id, t->k->release, t->k->arch, "%s", why);

	x->p->steps[i].hold = kind;
}

/* Made before anybody knew the package: a new version of that is to end it, too. */
static void stamp_anew(struct want *x, const struct pair *t, const struct hold *h)
{
	struct modid id = { h->name, h->version };
	size_t i;

	if (strchr(h->seen, '=') || !t->c->owner_version)
		return;
	i = plan_add(x->p, STEP_HOLD, &id, t->k->release, t->k->arch, "its package is known now");
	x->p->steps[i].hold = h->kind;
	free(x->p->steps[i].seen);
	x->p->steps[i].seen = want_stamp(t->c->id.version, t->c->owner_version);
}

/* Does a package bring an older version with this event, in place of what the hold has seen? */
static bool is_gone_back(const struct candidate *c, const struct hold *h)
{
	return c->register_step != PLAN_NONE && c->owner_version && h->seen && strchr(h->seen, '=');
}

static const struct hold *active_hold(struct want *x, const struct pair *t, enum hold_kind kind)
{
	const struct hold *h =
		ledger_hold(&x->w->ledger, kind, t->c->id.name, t->k->release, t->k->arch);

	if (!h)
		return NULL;
	if (!x->event) {
		unhold(x, t, kind, "a command asks for it");
		return NULL;
	}
	if (is_gone_back(t->c, h) ||
	    !want_stamp_counts(h->seen, t->c->id.version, t->c->owner_version)) {
		unhold(x, t, kind, "there is a new version of its package");
		return NULL;
	}
	return h;
}

static const struct candidate *version_of(const struct want *x, const char *name,
					  const char *version)
{
	for (size_t i = 0; i < x->n_cand; i++) {
		const struct candidate *c = &x->cand[i];

		if (strcmp(c->id.name, name) == 0 && strcmp(c->id.version, version) == 0)
			return c;
	}
	return NULL;
}

static bool is_held_absent(struct want *x, const struct pair *t, enum want_result *ret)
{
	const struct hold *h = active_hold(x, t, HOLD_ABSENT);

	if (!h)
		return false;
	stamp_anew(x, t, h);
	*ret = note(x, t, STEP_HELD, WANT_HELD, "a person uninstalled it from this kernel");
	return true;
}

static enum want_result
want_version(struct want *x, const struct candidate *c, const struct world_kernel *k,
	     enum want_result (*decide_pair)(struct want *, const struct pair *));
static enum want_result want_decide_chosen(struct want *x, const struct pair *t);

/* The version that a person chose stays as long as there is one, or comes back if it was lost. */
static bool is_held_at_version(struct want *x, const struct pair *t, enum want_result *ret)
{
	const struct hold *h = active_hold(x, t, HOLD_VERSION);
	const struct candidate *chosen = h ? version_of(x, h->name, h->version) : NULL;

	if (!h || strcmp(h->version, t->c->id.version) == 0)
		return false;
	if (!chosen || chosen->gone) {
		unhold(x, t, HOLD_VERSION, "the version that a person chose is gone");
		return false;
	}
	stamp_anew(x, t, h);
	if (!t->present || strcmp(t->present->id.version, h->version) != 0) {
		*ret = want_version(x, chosen, t->k, want_decide_chosen);
		return true;
	}
	plan_add(x->p, STEP_HELD, &t->c->id, t->k->release, t->k->arch,
		 "a person chose version %s for this kernel", h->version);
	*ret = WANT_HELD;
	return true;
}

static void add_install(struct want *x, const struct pair *t, size_t build, const char *reason)
{
	size_t i = plan_add(x->p, STEP_INSTALL, &t->c->id, t->k->release, t->k->arch, "%s", reason);

	plan_after(x->p, i, build);
	plan_after(x->p, i, t->c->register_step);
}

static bool want_installs(const struct step *s, const char *name, const struct world_kernel *k)
{
	return s->kind == STEP_INSTALL && strcmp(s->id.name, name) == 0 &&
	       strcmp(s->release, k->release) == 0;
}

/* The install step of any version of name; PLAN_NONE: this plan has none. */
static size_t find_install(const struct plan *p, const char *name, const struct world_kernel *k)
{
	for (size_t i = 0; i < p->n; i++) {
		if (want_installs(&p->steps[i], name, k))
			return i;
	}
	return PLAN_NONE;
}

/* Steps that a build waits for, because they change what it depends on. */
struct needs {
	size_t *after, *behind; /* as in struct step */
	size_t n_after, n_behind;
};

static void want_needs_release(struct needs *n)
{
	free(n->after);
	free(n->behind);
}

/* If a newer version of the dependency fails, what is installed of it does as well. */
static void want_add_need(struct want *x, const struct pair *t, const char *name, bool must,
			  struct needs *ret)
{
	if (must || !world_installed(x->w, name, t->k->release, t->k->arch)) {
		VEC_PUSH(ret->after, ret->n_after, find_install(x->p, name, t->k));
		return;
	}
	for (size_t i = 0; i < x->p->n; i++) {
		if (want_installs(&x->p->steps[i], name, t->k))
			VEC_PUSH(ret->behind, ret->n_behind, i);
	}
}

/*
 * Is a version of it installed that this plan does not remove?  If another version can be had, the
 * installed one is removed only after that is in.
 */
static bool want_stays_installed(struct want *x, const char *name, const struct world_kernel *k)
{
	const struct world_build *b = world_installed(x->w, name, k->release, k->arch);
	const struct candidate *c = b ? version_of(x, name, b->id.version) : NULL;

	return b && (!(c && c->dropped) || want_newest(x, name));
}

/* What one dependency means for the dependant. */
static enum want_result depend(struct want *x, const struct pair *t, const char *name, bool must,
			       struct needs *ret)
{
	enum want_result r = want_name(x, name, t->k);

	if (r == WANT_PLANNED)
		want_add_need(x, t, name, must, ret);
	else if (want_stays_installed(x, name, t->k))
		return WANT_DONE;
	return r;
}

/* An event is not loud, with a status of its own, about what is going to stay so. */
static enum want_result unmet(struct want *x, const struct pair *t, enum want_result result,
			      enum step_kind kind, const char *reason)
{
	return x->event ? note(x, t, kind, result, reason) : refuse(x, t, -E_DEPENDS, reason);
}

char *want_needs(const char *name)
{
	return xasprintf("needs %s, which is not installed", name);
}

static enum want_result depend_failed(struct want *x, const struct pair *t, const char *name,
				      enum want_result r)
{
	AUTO_FREE char *why = NULL;

	if (r == WANT_UNKNOWN) {
		why = xasprintf("needs %s, which is not registered", name);
		return note(x, t, STEP_DEFERRED, WANT_DEFERRED, why);
	}
	if (r == WANT_DEFERRED) {
		why = xasprintf("needs %s, which is put off", name);
		return note(x, t, STEP_DEFERRED, WANT_DEFERRED, why);
	}
	if (r == WANT_BUSY) {
		why = xasprintf("BUILD_DEPENDS goes in a circle through %s", name);
		return unmet(x, t, WANT_FAILED, STEP_FAILED, why);
	}
	if (r == WANT_WAITING) {
		why = xasprintf("needs %s, which waits", name);
		return note(x, t, STEP_WAITING, WANT_WAITING, why);
	}
	why = want_needs(name);
	if (r == WANT_HELD)
		return unmet(x, t, WANT_HELD, STEP_HELD, why);
	if (r == WANT_UNWANTED)
		return unmet(x, t, WANT_DEFERRED, STEP_DEFERRED, why);
	return unmet(x, t, WANT_FAILED, STEP_FAILED, why);
}

/*
 * DKMS drops installed and excluded modules from BUILD_DEPENDS before it looks.  changed: the
 * dependency because of which it is built again, or NULL.
 */
static bool depends_met(struct want *x, const struct pair *t, const char *changed,
			struct needs *ret_needs, enum want_result *ret)
{
	for (size_t i = 0; i < t->conf->depends.n; i++) {
		const char *name = t->conf->depends.v[i];
		bool must = changed && strcmp(changed, name) == 0;
		enum want_result r = depend(x, t, name, must, ret_needs);

		if (r != WANT_PLANNED && r != WANT_DONE && r != WANT_EXCLUDED) {
			*ret = depend_failed(x, t, name, r);
			return false;
		}
	}
	return true;
}

/* What is remembered of it has been told when it was found out. */
static enum want_result bad_conf(struct want *x, const struct pair *t)
{
	if (x->event && t->conf->known)
		return note_failure(x, t, STEP_BAD, t->conf->bad);
	return refuse(x, t, -E_BAD_CONF, t->conf->bad);
}

static bool failed_before(struct want *x, const struct pair *t)
{
	const struct failure *f;

	if (!x->event || !t->conf->key)
		return false;
	f = ledger_failure(&x->w->ledger, t->c->id.name, t->c->id.version, t->k->release,
			   t->k->arch);
	return f && f->key && world_failure_same(f->key, t->conf->key);
}

static enum want_result plan_build(struct want *x, const struct pair *t, const char *changed,
				   const char *reason)
{
	CLEANUP(want_needs_release) struct needs needs = { 0 };
	bool failed = failed_before(x, t);
	enum want_result r;
	size_t build;

	if (!t->k->headers)
		return note(x, t, STEP_WAITING, WANT_WAITING,
			    "the kernel's headers are not installed");
	if (!depends_met(x, t, changed, &needs, &r))
		return r;
	/* With a dependency that this plan changes it is tried again, if that one goes in. */
	if (!needs.n_after && !needs.n_behind && failed)
		return note_failure(x, t, STEP_FAILED,
				    "its build failed before and nothing has changed since");
	build = plan_add(x->p, STEP_BUILD, &t->c->id, t->k->release, t->k->arch, "%s", reason);
	plan_after(x->p, build, t->c->register_step);
	for (size_t i = 0; i < needs.n_after; i++)
		plan_after(x->p, build, needs.after[i]);
	for (size_t i = 0; i < needs.n_behind; i++) {
		if (failed)
			plan_after(x->p, build, needs.behind[i]);
		else
			plan_behind(x->p, build, needs.behind[i]);
	}
	add_install(x, t, build, reason);
	return WANT_PLANNED;
}

/* Is it built against that dependency as it will be?  A record without the content is an older one.
 */
static bool is_built_against(const struct want *x, const struct pair *t, const char *name)
{
	size_t install = find_install(x->p, name, t->k);
	const struct world_build *now = world_installed(x->w, name, t->k->release, t->k->arch);
	const struct modid *id = install != PLAN_NONE ? &x->p->steps[install].id
				 : now		      ? &now->id
						      : NULL;
	const struct candidate *c = id ? version_of(x, name, id->version) : NULL;
	AUTO_FREE char *text = id ? modid_text(id) : NULL;
	AUTO_FREE char *exact = NULL;

	/* Of DKMS's builds it is not known: as it is now. */
	if (!id || t->build->no_record)
		return install == PLAN_NONE;
	if (strv_has(&t->build->depends, text))
		return true;
	exact = xasprintf("%s=%s", text,
			  install == PLAN_NONE && now->content ? now->content
			  : c && c->content		       ? c->content
							       : "");
	return strv_has(&t->build->depends, exact);
}

/* The dependency because of which it is to be built again (BUILD_DEPENDS_REBUILD), or NULL. */
static const char *changed_dependency(struct want *x, const struct pair *t)
{
	if (!t->conf || !t->conf->rebuild)
		return NULL;
	for (size_t i = 0; i < t->conf->depends.n; i++) {
		const char *name = t->conf->depends.v[i];

		if (want_name(x, name, t->k) != WANT_BUSY && !is_built_against(x, t, name))
			return name;
	}
	return NULL;
}

/* Why the installed build is to be made or installed again; NULL: it is current.  Caller frees. */
static char *why_stale(struct want *x, const struct pair *t, bool *ret_build,
		       const char **ret_changed)
{
	const char *why = want_stale(t->build, t->c->content, t->k->headers, ret_build);

	*ret_changed = NULL;
	if (why && *ret_build)
		return xstrdup(why);
	*ret_changed = changed_dependency(x, t);
	if (*ret_changed) {
		*ret_build = true;
		return xasprintf("%s, which it was built against, changes", *ret_changed);
	}
	return why ? xstrdup(why) : NULL;
}

/* This version is installed: is it current? */
static enum want_result check_installed(struct want *x, const struct pair *t)
{
	AUTO_FREE char *why = NULL;
	const char *changed;
	bool build;

	if (t->build->no_record)
		plan_add(x->p, STEP_ADOPT, &t->c->id, t->k->release, t->k->arch,
			 "installed by DKMS, there is no record of it");
	why = why_stale(x, t, &build, &changed);
	if (!why)
		return WANT_DONE;
	if (t->conf && t->conf->excluded) {
		plan_add(x->p, STEP_KEEP, &t->c->id, t->k->release, t->k->arch,
			 "%s, and now it is excluded: %s", why, t->conf->excluded);
		return WANT_DONE;
	}
	if (!build) {
		add_install(x, t, PLAN_NONE, why);
		return WANT_PLANNED;
	}
	if (!t->conf)
		return WANT_DONE;
	return t->conf->bad ? bad_conf(x, t) : plan_build(x, t, changed, why);
}

static enum want_result check_new(struct want *x, const struct pair *t, bool upgrade)
{
	AUTO_FREE char *why = t->present ? xasprintf("replaces %s", t->present->id.version)
					 : xstrdup("not installed for this kernel");
	bool build = true;

	if (!t->conf)
		return x->event ? note(x, t, STEP_BAD, WANT_FAILED, "it has no dkms.conf")
				: refuse(x, t, -E_CONF_MISSING, "it has no dkms.conf");
	if (t->build)
		want_stale(t->build, t->c->content, t->k->headers, &build);
	if (t->conf->unknown) /* for status: what an event would do, by what is known */
		return t->conf->autoinstall && t->build && build ? plan_build(x, t, NULL, why)
								 : WANT_UNWANTED;
	if (t->conf->bad)
		return bad_conf(x, t);
	if (!t->conf->autoinstall && !upgrade)
		return WANT_UNWANTED;
	if (t->conf->excluded)
		return note(x, t, STEP_EXCLUDED, WANT_EXCLUDED, t->conf->excluded);
	if (build)
		return plan_build(x, t, NULL, why);
	if (x->event && t->build->refused)
		return note_failure(
			x, t, STEP_FAILED,
			"other modules of the same names were newer, and they still are "
			"there");
	add_install(x, t, PLAN_NONE, why);
	return WANT_PLANNED;
}

static bool is_installed(const struct pair *t)
{
	return t->build && t->build->installed;
}

static enum want_result want_decide_chosen(struct want *x, const struct pair *t)
{
	if (t->c->source != SOURCE_OK)
		return note(x, t, STEP_BROKEN, WANT_FAILED, "its source is not there");
	return check_new(x, t, true);
}

static bool present_is_gone(const struct want *x, const struct pair *t)
{
	const struct candidate *c =
		t->present ? version_of(x, t->c->id.name, t->present->id.version) : NULL;

	return c && c->gone;
}

static enum want_result decide(struct want *x, const struct pair *t)
{
	bool gone = present_is_gone(x, t);
	enum want_result r;

	if (is_held_absent(x, t, &r) || is_held_at_version(x, t, &r))
		return r;
	if (t->c->source != SOURCE_OK)
		return note(x, t, STEP_BROKEN, WANT_FAILED, "its source is not there");
	if (is_installed(t))
		return check_installed(x, t);
	if (t->present && !gone && vercmp(t->present->id.version, t->c->id.version) > 0) {
		plan_add(x->p, STEP_KEEP, &t->c->id, t->k->release, t->k->arch,
			 "the installed %s is newer", t->present->id.version);
		return WANT_UNWANTED;
	}
	return check_new(x, t, gone);
}

static enum want_result
want_version(struct want *x, const struct candidate *c, const struct world_kernel *k,
	     enum want_result (*decide_pair)(struct want *, const struct pair *))
{
	size_t ci = (size_t)(c - x->cand), ki = (size_t)(k - x->w->kernels);
	char *result = &x->result[ci * x->w->n_kernels + ki];
	struct pair t = {
		.c = c,
		.k = k,
		.conf = world_conf(x->w, &c->id, k->release),
		.build = world_build(x->w, &c->id, k->release, k->arch),
		.present = world_installed(x->w, c->id.name, k->release, k->arch),
	};

	if (*result == WANT_UNKNOWN) {
		*result = WANT_BUSY;
		*result = (char)decide_pair(x, &t);
	}
	return (enum want_result) * result;
}

/* The newest does not go in: what is installed is kept as it should be. */
static void refresh_installed(struct want *x, const char *name, const struct world_kernel *k)
{
	const struct world_build *old = world_installed(x->w, name, k->release, k->arch);
	const struct candidate *c = old ? version_of(x, name, old->id.version) : NULL;

	if (c && !c->gone && !c->pending && c->source == SOURCE_OK)
		want_version(x, c, k, check_installed);
}

/* The newest is tried: if that fails, what is installed is kept as it should be. */
static void plan_fallback(struct want *x, const struct candidate *c, const struct world_kernel *k)
{
	size_t first = x->p->n, unless = find_install(x->p, c->id.name, k);
	const struct world_build *old = world_installed(x->w, c->id.name, k->release, k->arch);

	if (unless == PLAN_NONE || !old || modid_equal(&old->id, &c->id))
		return;
	refresh_installed(x, c->id.name, k);
	for (size_t i = first; i < x->p->n; i++) {
		struct step *s = &x->p->steps[i];

		if (!s->id.name || strcmp(s->id.name, c->id.name) != 0)
			continue;
		s->fallback = true;
		s->unless = unless;
	}
}

enum want_result want_name(struct want *x, const char *name, const struct world_kernel *k)
{
	const struct candidate *c = want_newest(x, name);
	enum want_result r;

	if (!c)
		return want_stays_installed(x, name, k) ? WANT_DONE : WANT_UNKNOWN;
	if (c->pending) {
		plan_add(x->p, STEP_PENDING, &c->id, k->release, k->arch,
			 "its removal was asked for");
		return WANT_DEFERRED;
	}
	r = want_version(x, c, k, decide);
	if (r == WANT_PLANNED)
		plan_fallback(x, c, k);
	else if (r != WANT_DONE && r != WANT_BUSY)
		refresh_installed(x, name, k);
	return r;
}

/* ---- BUILD_DEPENDS_REBUILD ---- */

static bool built_against(const struct world_build *b, const struct modid *id)
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
		    !k->headers || !strv_has(&c->depends, id->name) || built_against(b, id))
			continue;
		build = plan_add(p, STEP_BUILD, &b->id, k->release, k->arch,
				 "%s, which it was built against, changes", id->name);
		install = plan_add(p, STEP_INSTALL, &b->id, k->release, k->arch,
				   "%s, which it was built against, changes", id->name);
		plan_after(p, build, step);
		plan_after(p, install, build);
	}
}
