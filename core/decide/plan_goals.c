/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "decide/want.h"
#include "model/vercmp.h"

struct ctx {
	const struct world *w;
	struct plan *p;
	const struct goal *g;
};

static size_t add(struct ctx *x, enum step_kind kind, const char *reason)
{
	size_t i = plan_add(x->p, kind, &x->g->id, x->g->release, x->g->arch, "%s", reason);

	if (step_acts(kind))
		x->p->steps[i].force = x->g->force;
	return i;
}

static bool refuse(struct ctx *x, int code, const char *reason)
{
	size_t i = add(x, STEP_REFUSE, reason);

	x->p->steps[i].code = code;
	return false;
}

static bool refuse_no_source(struct ctx *x)
{
	AUTO_FREE char *reason = xasprintf("there is no folder %s-%s with its source",
					   x->g->id.name, x->g->id.version);

	return refuse(x, -E_NO_SOURCE, reason);
}

static const struct world_build *built(const struct ctx *x)
{
	return world_build(x->w, &x->g->id, x->g->release, x->g->arch);
}

/* The conf as add, build and install want it: there and valid. */
static bool check_conf(struct ctx *x)
{
	const struct world_conf *c = world_conf(x->w, &x->g->id, x->g->release);

	if (!c)
		return refuse(x, -E_CONF_MISSING, "it has no dkms.conf");
	return c->bad ? refuse(x, -E_BAD_CONF, c->bad) : true;
}

static size_t add_register(struct ctx *x, const char *reason)
{
	const struct hold *h = ledger_hold_removed(&x->w->ledger, x->g->id.name, x->g->id.version);
	size_t i = plan_add(x->p, STEP_REGISTER, &x->g->id, NULL, NULL, "%s", reason);
	size_t u;

	if (h) {
		u = plan_add(x->p, STEP_UNHOLD, &x->g->id, NULL, NULL, "added by hand");
		x->p->steps[u].hold = HOLD_REMOVED;
		plan_after(x->p, u, i);
	}
	return i;
}

/* ---- requests of packages' scripts ---- */

static bool removal_waits(const struct ctx *x)
{
	const struct request *r = ledger_request(&x->w->ledger, x->g->id.name, x->g->id.version);

	return r && r->kind == REQUEST_REMOVE;
}

static bool has_source(const struct ctx *x)
{
	const struct world_module *m = world_module(x->w, &x->g->id);

	return m ? m->source != SOURCE_MISSING : world_folder(x->w, &x->g->id) != NULL;
}

/* Who adds, builds or installs it wants it: a removal that waits is off. */
static void call_off_removal(struct ctx *x)
{
	if (removal_waits(x) && has_source(x))
		plan_add(x->p, STEP_SETTLE, &x->g->id, NULL, NULL, "it is wanted again");
}

static void request(struct ctx *x, enum request_kind kind, const char *reason)
{
	const struct request *r = ledger_request(&x->w->ledger, x->g->id.name, x->g->id.version);
	size_t step;

	if (r && r->kind == kind) {
		add(x, STEP_SKIP, "asked for already");
		return;
	}
	step = add(x, STEP_REQUEST, reason);
	x->p->steps[step].request = kind;
}

static void goal_add_later(struct ctx *x)
{
	if (has_source(x))
		request(x, REQUEST_ADD, "to be added by the next event");
	else
		refuse_no_source(x);
}

static void goal_remove_later(struct ctx *x)
{
	request(x, REQUEST_REMOVE, "to be removed by the next event");
}

/* After a removal the source is another one, even if its folder is called the same. */
static bool is_outdated(const struct ctx *x, const struct world_build *b)
{
	const struct world_module *m = world_module(x->w, &x->g->id);
	const struct world_kernel *k = world_kernel(x->w, x->g->release);
	bool build;

	return removal_waits(x) && m && want_stale(b, m->content, k ? k->headers : NULL, &build) &&
	       build;
}

/* Is there a build that can be taken as it is? */
static bool has_build(const struct ctx *x, const struct world_build *b)
{
	return b && !b->lost && !is_outdated(x, b);
}

/* ---- add ---- */

static void goal_add(struct ctx *x)
{
	const struct world_module *m = world_module(x->w, &x->g->id);

	if (m && m->source == SOURCE_OK && removal_waits(x))
		return;
	if (m && m->source == SOURCE_OK) {
		refuse(x, -E_ALREADY_ADDED, "it is already in the DKMS tree");
		return;
	}
	if (m && m->source == SOURCE_MISSING) {
		refuse(x, -E_NO_SOURCE, "its source folder does not exist");
		return;
	}
	if (!m && !world_folder(x->w, &x->g->id)) {
		refuse_no_source(x);
		return;
	}
	if (check_conf(x))
		add_register(x, m ? "its source link is missing" : "asked for");
}

/* For build and install: registered, or made so by this plan. */
static bool need_registered(struct ctx *x, size_t *ret_step)
{
	const struct world_module *m = world_module(x->w, &x->g->id);

	*ret_step = PLAN_NONE;
	if (m && (m->source == SOURCE_OK || m->source == SOURCE_NONE))
		return true;
	if (m)
		return refuse(x, -E_BROKEN, "its source is missing, the module package is broken");
	if (!world_folder(x->w, &x->g->id))
		return refuse_no_source(x);
	if (!check_conf(x))
		return false;
	*ret_step = add_register(x, "not added yet");
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

static bool depends_met(struct ctx *x, const struct world_conf *c, struct waits *after)
{
	AUTO_STRV struct strv missing = STRV_INIT;
	AUTO_FREE char *list = NULL, *why = NULL;

	for (size_t i = 0; i < c->depends.n; i++) {
		const char *name = c->depends.v[i];
		bool found = world_installed(x->w, name, x->g->release, x->g->arch);

		for (size_t s = 0; s < x->p->n; s++) {
			const struct step *step = &x->p->steps[s];

			if (step->kind == STEP_INSTALL && strcmp(step->id.name, name) == 0 &&
			    strcmp(step->release, x->g->release) == 0) {
				VEC_PUSH(after->v, after->n, s);
				found = true;
			}
		}
		if (!found)
			strv_add(&missing, name);
	}
	if (!missing.n || x->g->force)
		return true;
	list = strv_join(&missing, ", ");
	why = xasprintf("it needs %s, which is not installed for this kernel", list);
	return refuse(x, -E_DEPENDS, why);
}

/* In DKMS's order, which decides the message and the exit status where several fail. */
static bool may_build(struct ctx *x, struct waits *after)
{
	const struct world_conf *c = world_conf(x->w, &x->g->id, x->g->release);
	const struct world_module *m = world_module(x->w, &x->g->id);
	const struct world_kernel *k = world_kernel(x->w, x->g->release);

	if (!check_conf(x))
		return false;
	if (c->excluded)
		return refuse(x, -E_EXCLUDED, c->excluded);
	if (m && m->source == SOURCE_NONE)
		return refuse(x, -E_SOURCE_EMPTY, "it has no source to build from");
	if (!k || !k->headers)
		return refuse(x, -E_NO_HEADERS, "the kernel's headers are not installed");
	return depends_met(x, c, after);
}

/* ret: the build step, PLAN_NONE when what is built will do. */
static bool need_build(struct ctx *x, size_t *ret, const char *reason)
{
	CLEANUP(waits_release) struct waits after = { NULL, 0 };
	size_t registered;

	if (!need_registered(x, &registered) || !may_build(x, &after))
		return false;
	*ret = add(x, STEP_BUILD, reason);
	plan_after(x->p, *ret, registered);
	for (size_t i = 0; i < after.n; i++)
		plan_after(x->p, *ret, after.v[i]);
	return true;
}

static bool check_not_broken(struct ctx *x)
{
	const struct world_module *m = world_module(x->w, &x->g->id);

	if (m && (m->source == SOURCE_MISSING || m->source == SOURCE_BROKEN))
		return refuse(x, -E_BROKEN, "its source is missing, the module package is broken");
	return true;
}

static void goal_build(struct ctx *x)
{
	const struct world_build *b = built(x);
	size_t step;

	if (!check_not_broken(x))
		return;
	if (has_build(x, b) && !x->g->force)
		add(x, STEP_SKIP, "already built");
	else
		need_build(x, &step, has_build(x, b) ? "forced" : "asked for");
}

/* ---- install ---- */

/* Of this name, with its source there; the goal's own version without. */
static const struct world_module *newest(const struct ctx *x)
{
	const struct world_module *best = world_module(x->w, &x->g->id);

	for (size_t i = 0; i < x->w->n_modules; i++) {
		const struct world_module *m = &x->w->modules[i];

		if (strcmp(m->id.name, x->g->id.name) == 0 && m->source == SOURCE_OK &&
		    (!best || vercmp(m->id.version, best->id.version) > 0))
			best = m;
	}
	return best;
}

/* An older version than the newest that would be installed by itself. */
static bool is_older(const struct ctx *x)
{
	for (size_t i = 0; i < x->w->n_modules; i++) {
		const struct world_module *m = &x->w->modules[i];
		const struct world_conf *c = world_conf(x->w, &m->id, x->g->release);

		if (strcmp(m->id.name, x->g->id.name) == 0 && m->source == SOURCE_OK && c &&
		    c->autoinstall && vercmp(m->id.version, x->g->id.version) > 0)
			return true;
	}
	return false;
}

static void add_hold(struct ctx *x, enum step_kind kind, enum hold_kind hold, size_t after,
		     const char *reason)
{
	bool everywhere = hold == HOLD_REMOVED;
	const struct world_module *m = everywhere ? world_module(x->w, &x->g->id) : newest(x);
	size_t i = plan_add(x->p, kind, &x->g->id, everywhere ? NULL : x->g->release,
			    everywhere ? NULL : x->g->arch, "%s", reason);
	struct step *s = &x->p->steps[i];

	s->hold = hold;
	free(s->seen);
	s->seen = m ? want_stamp(m->id.version, m->owner_version) : NULL;
	plan_after(x->p, i, after);
}

static void record_choice(struct ctx *x, size_t after)
{
	const struct ledger *l = &x->w->ledger;

	if (is_older(x))
		add_hold(x, STEP_HOLD, HOLD_VERSION, after, "an older version was asked for");
	else if (ledger_hold(l, HOLD_VERSION, x->g->id.name, x->g->release, x->g->arch))
		add_hold(x, STEP_UNHOLD, HOLD_VERSION, after, "a person installed it");
	else if (ledger_hold(l, HOLD_ABSENT, x->g->id.name, x->g->release, x->g->arch))
		add_hold(x, STEP_UNHOLD, HOLD_ABSENT, after, "a person installed it");
}

static const char *install_reason(const struct ctx *x, const struct world_build *b)
{
	if (!b || !b->installed || is_outdated(x, b))
		return "asked for";
	return x->g->force ? "forced" : "what is installed is not what was built";
}

/* Those that asked to be rebuilt with it; DKMS does not with --force. */
static void rebuild_dependants(struct ctx *x, size_t install)
{
	const struct world_kernel *k = world_kernel(x->w, x->g->release);

	if (!x->g->force && k)
		want_rebuild_dependants(x->w, x->p, &x->g->id, k, install);
}

/* The modules that its conf names may be others since it was built; without a record they are what
 * is there. */
static bool has_all_modules(const struct ctx *x, const struct world_build *b)
{
	const struct world_conf *c = world_conf(x->w, &b->id, b->release);

	for (size_t i = 0; c && !b->no_record && i < c->modules.n; i++) {
		if (!strv_has(&b->modules, c->modules.v[i]))
			return false;
	}
	return true;
}

/* Built before it was excluded: installing it would install no module at all. */
static bool may_install(struct ctx *x)
{
	const struct world_conf *c = world_conf(x->w, &x->g->id, x->g->release);

	return c && c->excluded ? refuse(x, -E_EXCLUDED, c->excluded) : true;
}

static void goal_install(struct ctx *x)
{
	const struct world_kernel *k = world_kernel(x->w, x->g->release);
	const struct world_build *b = built(x);
	const struct world_build *present;
	size_t build = PLAN_NONE, install;

	if (!check_not_broken(x))
		return;
	if (has_build(x, b) && b->installed && !x->g->force && !b->differs) {
		size_t skip = add(x, STEP_SKIP, "already installed");

		x->p->steps[skip].awaits_depmod = true;
		return;
	}
	if (has_build(x, b) && !may_install(x))
		return;
	if (!(has_build(x, b) && has_all_modules(x, b)) && !need_build(x, &build, "asked for"))
		return;
	if (!k || !k->tree) {
		refuse(x, -E_NO_KERNEL_TREE, "the kernel has no folder of modules");
		return;
	}
	install = add(x, STEP_INSTALL, install_reason(x, b));
	plan_after(x->p, install, build);
	present = world_installed(x->w, x->g->id.name, x->g->release, x->g->arch);
	if (present && strcmp(present->id.version, x->g->id.version) != 0) {
		struct step *s = &x->p->steps[install];
		char *reason = xasprintf("%s, replaces %s", s->reason, present->id.version);

		free(s->reason);
		s->reason = reason;
	}
	record_choice(x, install);
	rebuild_dependants(x, install);
}

/* ---- uninstall, unbuild, remove ---- */

static bool check_added(struct ctx *x)
{
	return world_module(x->w, &x->g->id)
		       ? true
		       : refuse(x, -E_NOT_ADDED, "it is not in the DKMS tree");
}

static size_t need_uninstalled(struct ctx *x, const struct world_build *b)
{
	size_t step;

	if (!b || !b->installed)
		return PLAN_NONE;
	step = add(x, STEP_UNINSTALL, "asked for");
	if (x->g->verb != GOAL_REMOVE)
		add_hold(x, STEP_HOLD, HOLD_ABSENT, step, "a person uninstalled it");
	return step;
}

static void goal_uninstall(struct ctx *x)
{
	if (!check_added(x))
		return;
	if (need_uninstalled(x, built(x)) == PLAN_NONE)
		add(x, STEP_SKIP, "not installed");
}

/*
 * A build that was not installed is removed: the next event must not make it again.  Where another
 * version is installed, that is what the person wants to keep.
 */
static void hold_off(struct ctx *x, size_t after)
{
	const struct goal *g = x->g;
	const struct world_build *present = world_installed(x->w, g->id.name, g->release, g->arch);
	const struct hold *h =
		ledger_hold(&x->w->ledger, HOLD_VERSION, g->id.name, g->release, g->arch);
	struct goal kept = *g;
	struct ctx y = *x;

	if (present && modid_equal(&present->id, &g->id))
		return; /* it is uninstalled, and held for that */
	if (!present) {
		add_hold(x, STEP_HOLD, HOLD_ABSENT, after, "a person removed its build");
	} else if (!h && vercmp(g->id.version, present->id.version) > 0) {
		kept.id = present->id;
		y.g = &kept;
		add_hold(&y, STEP_HOLD, HOLD_VERSION, after, "a person removed the newer build");
	}
}

static void goal_unbuild(struct ctx *x)
{
	const struct world_build *b = built(x);
	size_t uninstall, unbuild;

	if (!check_added(x))
		return;
	if (!b) {
		add(x, STEP_SKIP, "not built");
		return;
	}
	uninstall = need_uninstalled(x, b);
	unbuild = add(x, STEP_UNBUILD, "asked for");
	plan_after(x->p, unbuild, uninstall);
	if (uninstall == PLAN_NONE)
		hold_off(x, unbuild);
}

static void goal_remove(struct ctx *x)
{
	const struct world_build *b = x->g->release ? built(x) : NULL;
	size_t uninstall;

	if (!check_added(x))
		return;
	if (!b && x->g->release)
		add(x, STEP_SKIP, "not built");
	if (!b)
		return;
	uninstall = need_uninstalled(x, b);
	plan_after(x->p, add(x, STEP_UNBUILD, "asked for"), uninstall);
}

static bool builds_remain(const struct ctx *x)
{
	for (size_t i = 0; i < x->w->n_builds; i++) {
		const struct world_build *b = &x->w->builds[i];

		if (modid_equal(&b->id, &x->g->id) &&
		    plan_find(x->p, STEP_UNBUILD, &b->id, b->release, b->arch) == PLAN_NONE)
			return true;
	}
	return false;
}

static bool has_other_version(const struct ctx *x)
{
	for (size_t i = 0; i < x->w->n_modules; i++) {
		const struct modid *id = &x->w->modules[i].id;

		if (strcmp(id->name, x->g->id.name) == 0 && !modid_equal(id, &x->g->id))
			return true;
	}
	return false;
}

/*
 * With the last version of a name go the choices that were made for it on kernels; with another one
 * those of that version.
 */
static void forget_choices(struct ctx *x, size_t after)
{
	const struct ledger *l = &x->w->ledger;
	bool other = has_other_version(x);

	for (size_t i = 0; i < l->n_holds; i++) {
		const struct hold *h = &l->holds[i];
		size_t step;

		if (h->kind == HOLD_REMOVED || strcmp(h->name, x->g->id.name) != 0)
			continue;
		if (other && (h->kind != HOLD_VERSION || strcmp(h->version, x->g->id.version) != 0))
			continue;
		step = plan_add(x->p, STEP_UNHOLD, &x->g->id, h->release, h->arch,
				"a person removed it");
		x->p->steps[step].hold = h->kind;
		plan_after(x->p, step, after);
	}
}

/* After all remove goals of a module package: is anything of it left? */
static void finish_remove(struct ctx *x)
{
	const struct world_module *m = world_module(x->w, &x->g->id);
	size_t step;

	if (!m || plan_find(x->p, STEP_UNREGISTER, &x->g->id, NULL, NULL) != PLAN_NONE)
		return;
	if (builds_remain(x)) {
		step = plan_find(x->p, STEP_UNINSTALL, &x->g->id, x->g->release, x->g->arch);
		if (step != PLAN_NONE)
			add_hold(x, STEP_HOLD, HOLD_ABSENT, step, "a person removed it");
		step = plan_find(x->p, STEP_UNBUILD, &x->g->id, x->g->release, x->g->arch);
		if (step != PLAN_NONE)
			hold_off(x, step);
		return;
	}
	step = plan_add(x->p, STEP_UNREGISTER, &x->g->id, NULL, NULL,
			"it is built for no kernel any more");
	forget_choices(x, step);
	if (ledger_request(&x->w->ledger, x->g->id.name, x->g->id.version))
		plan_after(x->p,
			   plan_add(x->p, STEP_SETTLE, &x->g->id, NULL, NULL, "it is removed"),
			   step);
	for (size_t i = 0; i < step; i++) {
		if (x->p->steps[i].kind == STEP_UNBUILD &&
		    modid_equal(&x->p->steps[i].id, &x->g->id))
			plan_after(x->p, step, i);
	}
	if (m->owner)
		add_hold(x, STEP_HOLD, HOLD_REMOVED, step, "a person removed it");
}

static void goal_autoinstall(struct ctx *x)
{
	plan_autoinstall(x->w, x->g, x->p);
}

/* ---- all ---- */

static void (*const handlers[])(struct ctx *x) = {
	[GOAL_ADD] = goal_add,
	[GOAL_BUILD] = goal_build,
	[GOAL_INSTALL] = goal_install,
	[GOAL_UNINSTALL] = goal_uninstall,
	[GOAL_UNBUILD] = goal_unbuild,
	[GOAL_REMOVE] = goal_remove,
	[GOAL_AUTOINSTALL] = goal_autoinstall,
	[GOAL_ADD_LATER] = goal_add_later,
	[GOAL_REMOVE_LATER] = goal_remove_later,
};

void plan_goals(const struct world *w, const struct goals *goals, struct plan *ret)
{
	for (size_t i = 0; i < goals->n; i++) {
		struct ctx x = { .w = w, .p = ret, .g = &goals->v[i] };

		handlers[x.g->verb](&x);
		if (x.g->verb == GOAL_ADD || x.g->verb == GOAL_BUILD || x.g->verb == GOAL_INSTALL)
			call_off_removal(&x);
	}
	for (size_t i = 0; i < goals->n; i++) {
		struct ctx x = { .w = w, .p = ret, .g = &goals->v[i] };

		if (x.g->verb == GOAL_REMOVE)
			finish_remove(&x);
	}
	plan_finish(ret, w, NULL);
}
