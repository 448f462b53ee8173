/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rivals: two module packages that build a module of the same name.  The module of one package is
 * installed, and the module of the other package was refused.  When the installed module goes, the
 * refused module is installed.
 */
#include <string.h>

#include "base/alloc.h"
#include "decide/want.h"

/*
 * Was a module of the build `b` refused, and may `b` be installed now?  Only if `b` is of the
 * newest version: a newer one may have come since the module was refused.
 */
static bool rivals_may_install(struct want *want, const struct world_build *b)
{
	const struct offer *newest;
	const struct world_conf *c;
	const struct plan *p = want->p;

	if (!b->refused)
		return false;
	newest = want_newest(want, b->id.name);
	c = world_conf(want->w, &b->id, b->release);
	return newest && modid_equal(&newest->id, &b->id) && b->rival && c && c->autoinstall &&
	       !c->bad && !c->excluded &&
	       plan_find(p, STEP_HELD, &b->id, b->release, b->arch) == PLAN_NONE &&
	       plan_find(p, STEP_UNBUILD, &b->id, b->release, b->arch) == PLAN_NONE;
}

/*
 * Plan the install of the build `b`, and let it wait for the step `change`, which removes or
 * replaces the rival of `b`.  The version check of the install must find the rival gone or
 * replaced.  If the step `change` itself waits for the install of `b` (BUILD_DEPENDS), leave that
 * order as it is.
 */
static void rivals_order(const struct world_build *b, struct plan *p, size_t change)
{
	size_t install = plan_find(p, STEP_INSTALL, &b->id, b->release, b->arch);

	if (install == PLAN_NONE)
		plan_after(p,
			   plan_add(p, STEP_INSTALL, &b->id, b->release, b->arch,
				    "%s, which kept it out, changes", b->rival),
			   change);
	else if (!plan_waits_for(p, change, install))
		plan_behind(p, install, change);
}

/* Does the step `s` remove the rival of `b`, or replace that rival with another version? */
static bool rivals_change(const struct step *s, const struct world_build *b)
{
	size_t len = s->id.name ? strlen(s->id.name) : 0;

	return (s->kind == STEP_UNINSTALL || s->kind == STEP_INSTALL) && len &&
	       strcmp(s->release, b->release) == 0 && strncmp(b->rival, s->id.name, len) == 0 &&
	       b->rival[len] == '/';
}

static bool rivals_share(const struct strv *a, const struct strv *b)
{
	for (size_t i = 0; i < a->n; i++) {
		if (strv_has(b, a->v[i]))
			return true;
	}
	return false;
}

/*
 * Let the step `install` wait for changes of a rival.  `b` is a build of a rival if it is
 * installed, belongs to another module package, and has a module of the same name.  Then the step
 * waits for all steps that install or uninstall a version of that other module package.
 */
static void rivals_wait(const struct world *w, struct plan *p, size_t install,
			const struct world_build *b)
{
	const struct world_conf *c =
		world_conf(w, &p->steps[install].id, p->steps[install].release);

	if (!c || !b->installed || strcmp(b->release, p->steps[install].release) != 0 ||
	    strcmp(b->id.name, p->steps[install].id.name) == 0 ||
	    !rivals_share(&c->modules, &b->modules))
		return;
	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		if ((s->kind == STEP_INSTALL || s->kind == STEP_UNINSTALL) &&
		    strcmp(s->id.name, b->id.name) == 0 && strcmp(s->release, b->release) == 0 &&
		    !plan_waits_for(p, i, install))
			plan_behind(p, install, i);
	}
}

void plan_rivals(struct want *want)
{
	const struct world *w = want->w;
	struct plan *p = want->p;
	size_t n = p->n;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < w->n_builds && p->steps[i].kind == STEP_INSTALL; k++)
			rivals_wait(w, p, i, &w->builds[k]);
	}

	for (size_t k = 0; k < w->n_builds; k++) {
		const struct world_build *b = &w->builds[k];
		bool may = rivals_may_install(want, b);

		for (size_t i = 0; may && i < n; i++) {
			if (!rivals_change(&p->steps[i], b))
				continue;
			rivals_order(b, p, i);
			break;
		}
	}
}
