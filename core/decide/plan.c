/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decide/plan.h"

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"

void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		step_release(&p->steps[i]);
	free(p->steps);
	owners_release(&p->owners);
	gates_release(&p->gates);
	*p = (struct plan){ 0 };
}

bool plan_acts(const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (step_acts(p->steps[i].kind))
			return true;
	}
	return false;
}

static bool plan_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool step_matches(const struct step *s, enum step_kind kind, const struct modid *id,
			 const char *release, const char *arch)
{
	if (s->kind != kind || (id && !modid_equal(&s->id, id)))
		return false;
	return (!release || plan_same(s->release, release)) && (!arch || plan_same(s->arch, arch));
}

size_t plan_find(const struct plan *p, enum step_kind kind, const struct modid *id,
		 const char *release, const char *arch)
{
	for (size_t i = 0; i < p->n; i++) {
		if (step_matches(&p->steps[i], kind, id, release, arch))
			return i;
	}
	return PLAN_NONE;
}

/* Unlike in plan_find(), NULL matches only NULL. */
static size_t plan_find_exact(const struct plan *p, enum step_kind kind, const struct modid *id,
			      const char *release, const char *arch)
{
	static const struct modid none = MODID_INIT;

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		if (s->kind == kind && modid_equal(&s->id, id ? id : &none) &&
		    plan_same(s->release, release) && plan_same(s->arch, arch))
			return i;
	}
	return PLAN_NONE;
}

size_t plan_add(struct plan *p, enum step_kind kind, const struct modid *id, const char *release,
		const char *arch, const char *fmt, ...)
{
	struct step s = { .kind = kind, .names = STRV_INIT };
	struct buf reason = BUF_INIT;
	size_t i = plan_find_exact(p, kind, id, release, arch);
	va_list ap;

	if (i != PLAN_NONE)
		return i;
	va_start(ap, fmt);
	buf_vaddf(&reason, fmt, ap);
	va_end(ap);
	if (id)
		modid_copy(&s.id, id);
	s.release = xstrdup(release);
	s.arch = xstrdup(arch);
	s.reason = buf_detach(&reason);
	VEC_PUSH(p->steps, p->n, s);
	return p->n - 1;
}

static bool plan_has_index(const size_t *list, size_t n, size_t index)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == index)
			return true;
	}
	return false;
}

void plan_after(struct plan *p, size_t step, size_t before)
{
	struct step *s;

	if (step == PLAN_NONE || before == PLAN_NONE || step == before)
		return;
	s = &p->steps[step];
	if (!plan_has_index(s->after, s->n_after, before))
		VEC_PUSH(s->after, s->n_after, before);
}

void plan_behind(struct plan *p, size_t step, size_t before)
{
	struct step *s = &p->steps[step];

	if (!plan_has_index(s->after, s->n_after, before) &&
	    !plan_has_index(s->behind, s->n_behind, before))
		VEC_PUSH(s->behind, s->n_behind, before);
}

bool plan_waits_for(const struct plan *p, size_t step, size_t before)
{
	const struct step *s = &p->steps[step];
	bool found = step == before;

	for (size_t i = 0; i < s->n_after && !found; i++)
		found = plan_waits_for(p, s->after[i], before);
	for (size_t i = 0; i < s->n_behind && !found; i++)
		found = plan_waits_for(p, s->behind[i], before);
	return found || (s->fallback && plan_waits_for(p, s->unless, before));
}

/* ---- the end of each plan: depmod, initramfs, order ---- */

static bool step_changes_kernel(const struct step *s)
{
	return s->kind == STEP_INSTALL || s->kind == STEP_UNINSTALL || s->kind == STEP_ADOPT;
}

static bool plan_cleans_kernel(const struct plan *p, const char *release)
{
	return plan_find(p, STEP_CLEAN, NULL, release, NULL) != PLAN_NONE;
}

static void plan_add_names(struct strv *to, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++) {
		if (!strv_has(to, from->v[i]))
			strv_add(to, from->v[i]);
	}
}

static void plan_collect_names(const struct world *w, const struct step *s, struct strv *ret)
{
	const struct world_conf *c = world_conf(w, &s->id, s->release);
	const struct world_build *b = world_build(w, &s->id, s->release, s->arch);

	if (c)
		plan_add_names(ret, &c->modules);
	if (b)
		plan_add_names(ret, &b->modules);
	if (((c && c->initrd) || (b && b->initrd)) && !strv_has(ret, "*"))
		strv_add(ret, "*");
}

static bool plan_makes_initramfs(const struct world *w, const struct strv *follows,
				 const char *release)
{
	return !w->no_initramfs && !(follows && strv_has(follows, release));
}

/*
 * Is it a step that cannot be rolled back?  An install is rolled back if depmod fails.  So a final
 * step that follows an install has to wait for that depmod.
 */
static bool step_is_final(const struct step *s)
{
	return s->kind == STEP_UNBUILD || s->kind == STEP_HOLD || s->kind == STEP_UNHOLD;
}

static bool plan_follows_install(const struct plan *p, const struct step *s)
{
	for (size_t i = 0; i < s->n_after; i++) {
		if (p->steps[s->after[i]].kind == STEP_INSTALL)
			return true;
	}
	return false;
}

static void plan_finish_kernel(struct plan *p, const struct world *w, const struct strv *follows,
			       const struct world_kernel *k, size_t n)
{
	bool wanted = plan_makes_initramfs(w, follows, k->release);
	size_t depmod = PLAN_NONE, initramfs = PLAN_NONE;

	if (k->depmod_pending && !k->read_only)
		depmod = plan_add(p, STEP_DEPMOD, NULL, k->release, k->arch,
				  "an earlier run was interrupted before it");
	if (k->initramfs_pending && wanted) {
		initramfs = plan_add(p, STEP_INITRAMFS, NULL, k->release, k->arch,
				     "an earlier run left it undone");
		strv_add(&p->steps[initramfs].names, PLAN_OWED);
	}
	for (size_t i = 0; i < n; i++) {
		if (!step_changes_kernel(&p->steps[i]) ||
		    !plan_same(p->steps[i].release, k->release))
			continue;
		depmod = plan_add(p, STEP_DEPMOD, NULL, k->release, k->arch,
				  "modules of this kernel changed");
		plan_after(p, depmod, i);
		if (p->steps[i].kind == STEP_ADOPT || !wanted)
			continue;
		initramfs = plan_add(p, STEP_INITRAMFS, NULL, k->release, k->arch,
				     "if the image has one of the modules that changed");
		plan_after(p, initramfs, i);
		plan_collect_names(w, &p->steps[i], &p->steps[initramfs].names);
	}
	plan_after(p, initramfs, depmod);
	for (size_t i = 0; i < n; i++) {
		if (step_is_final(&p->steps[i]) && plan_same(p->steps[i].release, k->release) &&
		    plan_follows_install(p, &p->steps[i]))
			plan_after(p, i, depmod);
	}
}

/*
 * Add depmod and initramfs for each kernel that needs them.  A kernel that is cleaned up
 * (STEP_CLEAN) needs neither.  Nor does a kernel without a module tree: only our builds for it are
 * left, e.g. after somebody removed the kernel by hand.
 */
static void plan_finish_kernels(struct plan *p, const struct world *w, const struct strv *follows)
{
	size_t n = p->n;

	for (size_t i = 0; i < w->n_kernels; i++) {
		if (w->kernels[i].tree && !plan_cleans_kernel(p, w->kernels[i].release))
			plan_finish_kernel(p, w, follows, &w->kernels[i], n);
	}
}

struct order {
	const struct plan *p;
	size_t *list; /* old indices in their new order */
	size_t n;
	char *mark; /* 1: being visited, 2: listed */
};

/*
 * List step `i` after all steps that it waits for (depth first).  The planner makes no cycles; if
 * there were one, it would be cut.
 */
static void order_visit(struct order *o, size_t i)
{
	if (o->mark[i])
		return;
	o->mark[i] = 1;
	for (size_t k = 0; k < o->p->steps[i].n_after; k++)
		order_visit(o, o->p->steps[i].after[k]);
	for (size_t k = 0; k < o->p->steps[i].n_behind; k++)
		order_visit(o, o->p->steps[i].behind[k]);
	if (o->p->steps[i].fallback)
		order_visit(o, o->p->steps[i].unless);
	o->mark[i] = 2;
	o->list[o->n++] = i;
}

static void plan_sort(struct plan *p)
{
	struct order o = { .p = p };
	struct step *steps = xcalloc(p->n, sizeof(*steps));
	size_t *now = xcalloc(p->n, sizeof(*now));

	o.list = xcalloc(p->n, sizeof(*o.list));
	o.mark = xcalloc(p->n, 1);
	for (size_t i = 0; i < p->n; i++)
		order_visit(&o, i);
	for (size_t i = 0; i < p->n; i++) {
		steps[i] = p->steps[o.list[i]];
		now[o.list[i]] = i;
	}
	for (size_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < steps[i].n_after; k++)
			steps[i].after[k] = now[steps[i].after[k]];
		for (size_t k = 0; k < steps[i].n_behind; k++)
			steps[i].behind[k] = now[steps[i].behind[k]];
		steps[i].unless = now[steps[i].unless];
	}
	free(p->steps);
	p->steps = steps;
	free(now);
	free(o.list);
	free(o.mark);
}

void plan_finish(struct plan *p, const struct world *w, const struct strv *initramfs_follows)
{
	if (!p->ahead)
		plan_finish_kernels(p, w, initramfs_follows);
	plan_sort(p);
}

/* ---- text ---- */

static void plan_print_after(const struct plan *p, const struct step *s, const size_t *number,
			     struct buf *b)
{
	const char *open = " (after ";

	for (size_t i = 0; i < s->n_after; i++) {
		if (!step_acts(p->steps[s->after[i]].kind))
			continue;
		buf_addf(b, "%s%zu", open, number[s->after[i]]);
		open = ", ";
	}
	for (size_t i = 0; i < s->n_behind; i++) {
		buf_addf(b, "%s%zu or its failure", open, number[s->behind[i]]);
		open = ", ";
	}
	if (s->fallback)
		buf_addf(b, "%sunless %zu", *open == ',' ? ", " : " (", number[s->unless]);
	if (*open == ',' || s->fallback)
		buf_addch(b, ')');
}

void plan_print(const struct plan *p, struct buf *b)
{
	size_t *number = xcalloc(p->n, sizeof(*number));
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct step *s = &p->steps[i];

		if (step_acts(s->kind)) {
			number[i] = ++n;
			buf_addf(b, "%zu ", n);
		} else {
			buf_adds(b, "- ");
		}
		step_print(s, b);
		plan_print_after(p, s, number, b);
		buf_addch(b, '\n');
	}
	free(number);
}

int plan_status_of(const struct plan *p, int first)
{
	if (!p->autoinstall || !first)
		return first;
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].kind == STEP_REFUSE && p->steps[i].code == -E_NO_HEADERS)
			return error_status(-E_NO_HEADERS);
	}
	return error_status(-E_AUTOINSTALL);
}

int plan_status(const struct plan *p)
{
	size_t i = plan_find(p, STEP_REFUSE, NULL, NULL, NULL);

	return i == PLAN_NONE ? 0 : plan_status_of(p, error_status(p->steps[i].code));
}
