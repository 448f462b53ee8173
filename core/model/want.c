/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/want.h"

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
	return NULL;
}

char *want_stamp(const char *version, const char *owner_version)
{
	return owner_version ? xasprintf("%s=%s", version, owner_version) : xstrdup(version);
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
	bool upgrade;
};

static enum want_result note(struct want *x, const struct pair *t, enum step_kind kind,
			     enum want_result result, const char *reason)
{
	plan_add(x->p, kind, &t->c->id, t->k->release, t->k->arch, "%s", reason);
	return result;
}

static enum want_result refuse(struct want *x, const struct pair *t, int code, const char *reason)
{
	size_t i = plan_add(x->p, STEP_REFUSE, &t->c->id, t->k->release, t->k->arch, "%s", reason);

	x->p->steps[i].code = code;
	return WANT_FAILED;
}

static bool hold_counts(const struct hold *h, const struct candidate *c)
{
	AUTO_FREE char *now = want_stamp(c->id.version, c->owner_version);

	return h->seen && strcmp(h->seen, now) == 0;
}

static void unhold(struct want *x, const struct pair *t, enum hold_kind kind, const char *why)
{
	size_t i = plan_add(x->p, STEP_UNHOLD, &t->c->id, t->k->release, t->k->arch, "%s", why);

	x->p->steps[i].hold = kind;
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
	if (!hold_counts(h, t->c)) {
		unhold(x, t, kind, "there is a new version of its package");
		return NULL;
	}
	return h;
}

static bool held(struct want *x, const struct pair *t, enum want_result *ret)
{
	const struct hold *h = active_hold(x, t, HOLD_ABSENT);

	if (h) {
		*ret = note(x, t, STEP_HELD, WANT_HELD, "a person uninstalled it from this kernel");
		return true;
	}
	h = active_hold(x, t, HOLD_VERSION);
	if (!h || strcmp(h->version, t->c->id.version) == 0)
		return false;
	if (!t->present || strcmp(t->present->id.version, h->version) != 0)
		return false;
	plan_add(x->p, STEP_HELD, &t->c->id, t->k->release, t->k->arch,
		 "a person chose version %s for this kernel", h->version);
	*ret = WANT_HELD;
	return true;
}

static size_t add_install(struct want *x, const struct pair *t, size_t build, const char *reason)
{
	size_t i = plan_add(x->p, STEP_INSTALL, &t->c->id, t->k->release, t->k->arch, "%s", reason);

	plan_after(x->p, i, build);
	plan_after(x->p, i, t->c->register_step);
	want_rebuild_dependants(x, &t->c->id, t->k, i);
	return i;
}

/* What one dependency means for the dependant; *ret_after: the step to wait for. */
static enum want_result depend(struct want *x, const struct pair *t, const char *name,
			       size_t *ret_after)
{
	const struct candidate *d = want_newest(x, name);
	enum want_result r;

	*ret_after = PLAN_NONE;
	if (world_installed(x->w, name, t->k->release, t->k->arch) && !d)
		return WANT_DONE;
	if (!d)
		return WANT_UNKNOWN;
	r = want_kernel(x, d, t->k, false);
	if (r == WANT_PLANNED)
		*ret_after = plan_find(x->p, STEP_INSTALL, &d->id, t->k->release, t->k->arch);
	if (r != WANT_PLANNED && world_installed(x->w, name, t->k->release, t->k->arch))
		return WANT_DONE;
	return r;
}

static enum want_result depend_failed(struct want *x, const struct pair *t, const char *name,
				      enum want_result r)
{
	AUTO_FREE char *why = NULL;

	if (r == WANT_UNKNOWN) {
		why = xasprintf("needs %s, which is not registered", name);
		return note(x, t, STEP_DEFERRED, WANT_WAITING, why);
	}
	if (r == WANT_BUSY) {
		why = xasprintf("BUILD_DEPENDS goes in a circle through %s", name);
		return refuse(x, t, -E_DEPENDS, why);
	}
	if (r == WANT_WAITING) {
		why = xasprintf("needs %s, which waits", name);
		return note(x, t, STEP_WAITING, WANT_WAITING, why);
	}
	why = xasprintf("needs %s, which is not installed", name);
	if (r == WANT_FAILED && x->event)
		return note(x, t, STEP_FAILED, WANT_FAILED, why);
	return refuse(x, t, -E_DEPENDS, why);
}

/* DKMS drops installed and excluded modules from BUILD_DEPENDS before it looks (L2790). */
static bool depends_met(struct want *x, const struct pair *t, struct strv *after,
			enum want_result *ret)
{
	for (size_t i = 0; i < t->conf->depends.n; i++) {
		const char *name = t->conf->depends.v[i];
		size_t step;
		enum want_result r = depend(x, t, name, &step);

		if (r == WANT_PLANNED) {
			strv_addf(after, "%zu", step);
		} else if (r != WANT_DONE && r != WANT_EXCLUDED) {
			*ret = depend_failed(x, t, name, r);
			return false;
		}
	}
	return true;
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

static enum want_result plan_build(struct want *x, const struct pair *t, const char *reason)
{
	AUTO_STRV struct strv after = STRV_INIT;
	enum want_result r;
	size_t build;

	if (!t->k->headers)
		return note(x, t, STEP_WAITING, WANT_WAITING,
			    "the kernel's headers are not installed");
	if (failed_before(x, t))
		return note(x, t, STEP_FAILED, WANT_FAILED,
			    "its build failed before and nothing has changed since");
	if (!depends_met(x, t, &after, &r))
		return r;
	build = plan_add(x->p, STEP_BUILD, &t->c->id, t->k->release, t->k->arch, "%s", reason);
	plan_after(x->p, build, t->c->register_step);
	for (size_t i = 0; i < after.n; i++)
		plan_after(x->p, build, strtoul(after.v[i], NULL, 10));
	add_install(x, t, build, reason);
	return WANT_PLANNED;
}

/* This version is installed: is it current? */
static enum want_result check_installed(struct want *x, const struct pair *t)
{
	bool build;
	const char *why = want_stale(t->build, t->c->content, t->k->headers, &build);

	if (t->build->no_record)
		plan_add(x->p, STEP_ADOPT, &t->c->id, t->k->release, t->k->arch,
			 "installed by DKMS, there is no record of it");
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
	if (t->conf && !t->conf->bad && t->k->headers)
		return plan_build(x, t, why);
	return WANT_DONE;
}

static enum want_result check_new(struct want *x, const struct pair *t)
{
	AUTO_FREE char *why = t->present ? xasprintf("replaces %s", t->present->id.version)
					 : xstrdup("not installed for this kernel");
	bool build = true;

	if (!t->conf)
		return refuse(x, t, -E_CONF_MISSING, "it has no dkms.conf");
	if (t->conf->unknown)
		return WANT_UNWANTED;
	if (t->conf->bad)
		return refuse(x, t, -E_BAD_CONF, t->conf->bad);
	if (!t->conf->autoinstall && !t->upgrade)
		return WANT_UNWANTED;
	if (t->conf->excluded)
		return note(x, t, STEP_EXCLUDED, WANT_EXCLUDED, t->conf->excluded);
	if (t->build && !t->build->no_record && !t->k->headers)
		build = false;
	else if (t->build)
		want_stale(t->build, t->c->content, t->k->headers, &build);
	if (build)
		return plan_build(x, t, why);
	if (x->event && t->build->refused)
		return note(x, t, STEP_FAILED, WANT_FAILED,
			    "other modules of the same names were newer, and they still are there");
	add_install(x, t, PLAN_NONE, why);
	return WANT_PLANNED;
}

static enum want_result decide(struct want *x, const struct pair *t)
{
	enum want_result r;

	if (held(x, t, &r))
		return r;
	if (t->c->source != SOURCE_OK)
		return note(x, t, STEP_BROKEN, WANT_FAILED, "its source is not there");
	if (t->build && t->build->installed)
		return check_installed(x, t);
	return check_new(x, t);
}

enum want_result want_kernel(struct want *x, const struct candidate *c,
			     const struct world_kernel *k, bool upgrade)
{
	size_t ci = (size_t)(c - x->cand), ki = (size_t)(k - x->w->kernels);
	char *result = &x->result[ci * x->w->n_kernels + ki];
	struct pair t = {
		.c = c,
		.k = k,
		.conf = world_conf(x->w, &c->id, k->release),
		.build = world_build(x->w, &c->id, k->release, k->arch),
		.present = world_installed(x->w, c->id.name, k->release, k->arch),
		.upgrade = upgrade,
	};

	if (*result == WANT_UNKNOWN) {
		*result = WANT_BUSY;
		*result = (char)decide(x, &t);
	}
	return (enum want_result) * result;
}

/* ---- BUILD_DEPENDS_REBUILD ---- */

static bool built_against(const struct world_build *b, const struct modid *id)
{
	AUTO_FREE char *text = modid_text(id);

	return strv_has(&b->depends, text);
}

void want_rebuild_dependants(struct want *x, const struct modid *id, const struct world_kernel *k,
			     size_t step)
{
	for (size_t i = 0; i < x->w->n_builds; i++) {
		const struct world_build *b = &x->w->builds[i];
		const struct world_conf *c = world_conf(x->w, &b->id, k->release);
		size_t build, install;

		if (!b->installed || strcmp(b->release, k->release) != 0 ||
		    strcmp(b->arch, k->arch) != 0 || !c || !c->rebuild || c->bad || c->excluded ||
		    !k->headers || !strv_has(&c->depends, id->name) || built_against(b, id))
			continue;
		build = plan_add(x->p, STEP_BUILD, &b->id, k->release, k->arch,
				 "%s, which it was built against, changes", id->name);
		install = plan_add(x->p, STEP_INSTALL, &b->id, k->release, k->arch,
				   "%s, which it was built against, changes", id->name);
		plan_after(x->p, build, step);
		plan_after(x->p, install, build);
	}
}
