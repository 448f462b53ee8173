/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BUILD_DEPENDS and BUILD_DEPENDS_REBUILD: dependencies of one offer on one kernel. */
#include "decide/want.h"

#include <string.h>

#include "base/alloc.h"

static bool want_installs(const struct plan *p, const struct step *s, const char *name,
			  const struct world_kernel *k)
{
	return s->kind == (p->ahead ? STEP_BUILD : STEP_INSTALL) && strcmp(s->id.name, name) == 0 &&
	       strcmp(s->release, k->release) == 0;
}

size_t want_find_install(const struct plan *p, const char *name, const struct world_kernel *k)
{
	for (size_t i = 0; i < p->n; i++) {
		if (want_installs(p, &p->steps[i], name, k))
			return i;
	}
	return PLAN_NONE;
}

void needs_release(struct want_needs *n)
{
	free(n->after);
	free(n->behind);
}

/*
 * Let the pair's build wait for the install of the dependency `name`.  If no version of the
 * dependency is installed now, the install has to succeed.  If a version is installed, the build
 * only waits for the install to end: the installed version serves if the install fails.  But with
 * `must` the install has to succeed, because the changed dependency is the only reason to build the
 * pair again.
 */
static void needs_add(struct want *want, const struct want_pair *pair, const char *name, bool must,
		      struct want_needs *ret)
{
	bool needed = must || !world_installed(want->w, name, pair->k->release, pair->k->arch);

	for (size_t i = 0; i < want->p->n; i++) {
		if (!want_installs(want->p, &want->p->steps[i], name, pair->k))
			continue;
		if (needed) {
			VEC_PUSH(ret->after, ret->n_after, i);
			return;
		}
		VEC_PUSH(ret->behind, ret->n_behind, i);
	}
}

bool want_stays_installed(struct want *want, const char *name, const struct world_kernel *k)
{
	const struct world_build *b = world_installed(want->w, name, k->release, k->arch);
	const struct offer *c = b ? want_find_version(want, name, b->id.version) : NULL;

	return b && (!(c && c->dropped) || want_newest(want, name));
}

/* Plan one dependency; *ret gets the steps that the dependant waits for. */
static enum want_result pair_depend(struct want *want, const struct want_pair *pair,
				    const char *name, bool must, struct want_needs *ret)
{
	enum want_result r = want_name(want, name, pair->k);

	bool stays = r != WANT_PLANNED && want_stays_installed(want, name, pair->k);

	/*
	 * Even if the installed version stays, wait for it: the plan may build and install it
	 * again.
	 */
	if (r == WANT_PLANNED || stays)
		needs_add(want, pair, name, must, ret);
	return stays ? WANT_DONE : r;
}

/*
 * Add a step that says that a dependency cannot be had.  For a command that is an error.  An event
 * only reports it and does not fail, because the next event will find the same.
 */
static enum want_result pair_unmet(struct want *want, const struct want_pair *pair,
				   enum want_result result, enum step_kind kind, const char *reason)
{
	return want->event ? pair_note(want, pair, kind, result, reason)
			   : pair_refuse(want, pair, -E_DEPENDS, reason);
}

char *want_needs_text(const char *name)
{
	return xasprintf("needs %s, which is not installed", name);
}

static enum want_result pair_depend_failed(struct want *want, const struct want_pair *pair,
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
	why = want->p->ahead ? xasprintf("needs %s, which is not built", name)
			     : want_needs_text(name);
	if (r == WANT_HELD)
		return pair_unmet(want, pair, WANT_HELD, STEP_HELD, why);
	if (r == WANT_UNWANTED)
		return pair_unmet(want, pair, WANT_DEFERRED, STEP_DEFERRED, why);
	return pair_unmet(want, pair, WANT_FAILED, STEP_FAILED, why);
}

/*
 * As in DKMS, an excluded dependency counts as met: DKMS strikes excluded and installed module
 * packages from BUILD_DEPENDS, and looks only for the others.
 */
bool pair_depends_met(struct want *want, const struct want_pair *pair, const char *changed,
		      struct want_needs *ret_needs, enum want_result *ret)
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

/*
 * The build of the dependency `name` that counts now: the one that is installed.  If none is
 * installed and the plan is ahead, the one that is built.
 */
static const struct world_build *pair_dependency(const struct want *want,
						 const struct want_pair *pair, const char *name)
{
	const struct world_build *b =
		world_installed(want->w, name, pair->k->release, pair->k->arch);

	for (size_t i = 0; !b && want->p->ahead && i < want->p->n; i++) {
		const struct step *s = &want->p->steps[i];

		if (s->kind == STEP_SKIP && strcmp(s->id.name, name) == 0 &&
		    strcmp(s->release, pair->k->release) == 0)
			b = world_build(want->w, &s->id, s->release, s->arch);
	}
	return b;
}

/*
 * Is the pair's build made against the version of the dependency `name` that will be installed when
 * this plan is done?  The build's record says "foo/1=HASH", where HASH is that of the dependency's
 * source.  Some records, e.g. old ones, say only "foo/1".
 */
static bool pair_is_built_against(const struct want *want, const struct want_pair *pair,
				  const char *name)
{
	size_t install = want_find_install(want->p, name, pair->k);
	const struct world_build *now = pair_dependency(want, pair, name);
	const struct modid *id = install != PLAN_NONE ? &want->p->steps[install].id
				 : now		      ? &now->id
						      : NULL;
	const struct offer *c = id ? want_find_version(want, name, id->version) : NULL;
	AUTO_FREE char *text = id ? modid_text(id) : NULL;
	AUTO_FREE char *exact = NULL;

	/* A build of DKMS has no record: assume that it was built against what is installed now. */
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

const char *pair_changed_dependency(struct want *want, const struct want_pair *pair)
{
	return pair->conf && pair->conf->rebuild ? pair_other_dependency(want, pair) : NULL;
}

const char *pair_other_dependency(struct want *want, const struct want_pair *pair)
{
	for (size_t i = 0; i < pair->conf->depends.n; i++) {
		const char *name = pair->conf->depends.v[i];

		if (want_name(want, name, pair->k) != WANT_BUSY &&
		    !pair_is_built_against(want, pair, name))
			return name;
	}
	return NULL;
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
		    (!k->headers && !w->bundles) || !strv_has(&c->depends, id->name) ||
		    want_is_built_against(b, id))
			continue;
		build = plan_add(p, STEP_BUILD, &b->id, k->release, k->arch,
				 "%s, which it was built against, changes", id->name);
		install = plan_add(p, STEP_INSTALL, &b->id, k->release, k->arch,
				   "%s, which it was built against, changes", id->name);
		plan_after(p, build, step);
		plan_after(p, install, build);
	}
}
