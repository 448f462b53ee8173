/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The goal "autoinstall RELEASE ARCH": install the newest version of each module package on that
 * kernel, as `dkms autoinstall` does.
 */
#include <string.h>

#include "decide/want.h"

/*
 * Turn each STEP_WAITING for this kernel into a STEP_REFUSE, because DKMS ends autoinstall with
 * status 21 when a build needs headers that are missing.
 */
static void autoinstall_refuse_waiting(struct plan *p, const char *release)
{
	for (size_t i = 0; i < p->n; i++) {
		struct step *s = &p->steps[i];

		if (s->kind == STEP_WAITING && strcmp(s->release, release) == 0) {
			s->kind = STEP_REFUSE;
			s->code = -E_NO_HEADERS;
		}
	}
}

static void autoinstall_tell_broken(const struct world *w, struct plan *p)
{
	for (size_t i = 0; i < w->n_modules; i++) {
		const struct world_module *m = &w->modules[i];

		if ((m->source == SOURCE_MISSING || m->source == SOURCE_BROKEN) &&
		    !plan_is_requested(w, REQUEST_REMOVE, &m->id))
			plan_add(p, STEP_BROKEN, &m->id, NULL, NULL, "its source is not there");
	}
}

static void autoinstall_want_all(const struct world *w, const struct world_kernel *k,
				 struct plan *p)
{
	struct want want;

	want_begin(&want, w, p, NULL);
	want_add_registered(&want);
	want_ready(&want);
	for (size_t i = 0; i < want.n_offers; i++) {
		struct offer *c = want_newest(&want, want.offers[i].id.name);

		if (c == &want.offers[i])
			want_name(&want, c->id.name, k);
	}
	want_end(&want);
}

/* Would anything be built or installed if the kernel had its tree? */
static bool autoinstall_wants_any(const struct world *w, const struct world_kernel *k)
{
	AUTO_PLAN struct plan p = { 0 };

	autoinstall_want_all(w, k, &p);
	for (size_t i = 0; i < p.n; i++) {
		enum step_kind kind = p.steps[i].kind;

		if (kind == STEP_BUILD || kind == STEP_INSTALL || kind == STEP_WAITING ||
		    kind == STEP_REFUSE)
			return true;
	}
	return false;
}

static void autoinstall_refuse_kernel(const struct goal *g, const struct world_kernel *k,
				      struct plan *p)
{
	size_t step = world_kernel_is_here(k)
			      ? plan_add(p, STEP_REFUSE, &g->id, g->release, g->arch,
					 "the kernel has no folder of modules")
			      : plan_add(p, STEP_REFUSE, &g->id, g->release, g->arch,
					 "No kernel %s here", g->release);

	p->steps[step].code = k && k->headers ? -E_NO_KERNEL_TREE : -E_NO_HEADERS;
}

void plan_autoinstall(const struct world *w, const struct goal *g, struct plan *p)
{
	const struct world_kernel *k = world_kernel(w, g->release);

	p->autoinstall = true;
	if (w->no_autoinstall) {
		plan_add(p, STEP_SKIP, &g->id, g->release, g->arch,
			 "/etc/dkms/no-autoinstall exists, so nothing is installed");
		return;
	}
	/*
	 * Without a module tree nothing can be installed.  Refuse a kernel that is not known.
	 * Refuse a known kernel only if something is wanted on it.
	 */
	if (!k || !k->tree) {
		if (!k || autoinstall_wants_any(w, k))
			autoinstall_refuse_kernel(g, k, p);
		return;
	}
	autoinstall_tell_broken(w, p);
	autoinstall_want_all(w, k, p);
	autoinstall_refuse_waiting(p, g->release);
}
