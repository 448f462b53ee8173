/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs hold, unhold and holds. */
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "decide/holdtext.h"
#include "cli/report.h"
#include "cli/statusjson.h"
#include "cli/work.h"
#include "sys/fs.h"
#include "tree/ledgerfile.h"
#include "tree/tree.h"

/* ---- which holds, which versions ---- */

static int holds_need_name(const struct options *o, const char *verb, struct err *err)
{
	if (option_is_set(o->id.name))
		return 0;
	return err_set(err, -E_ARGS_MISSING,
		       "No module package is named.\n"
		       "Usage: dkms %s NAME[/VERSION] [-k KERNEL]...",
		       verb);
}

static bool hold_is_chosen(const struct hold *h, const struct options *o)
{
	if (option_is_set(o->id.name) && strcmp(h->name, o->id.name) != 0)
		return false;
	if (option_is_set(o->id.version) && strcmp(h->version, o->id.version) != 0)
		return false;
	return !o->kernels.n || (h->release && strv_has(&o->kernels, h->release));
}

/* A damaged ledger is no reason to hide the holds that can be read. */
static void holds_load(const struct engine *e, struct holds *ret)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (ledger_load(e, ret, &err) < 0)
		log_warning("%s", err.text ? err.text : error_text(err.code));
}

/* The version that is installed for the kernel; NULL: none.  Borrowed. */
static const char *holds_installed(const struct tree_module *m, const char *release)
{
	for (size_t i = 0; i < m->n_versions; i++) {
		const struct tree_version *v = &m->versions[i];

		for (size_t k = 0; k < v->n_builds; k++) {
			if (v->builds[k].installed && strcmp(v->builds[k].release, release) == 0)
				return v->version;
		}
	}
	return NULL;
}

/* The kernels on which a version is installed; *ret_same: is it the same on all of them? */
static void holds_kernels(const struct tree_module *m, struct strv *ret, bool *ret_same)
{
	const char *first = NULL;

	*ret_same = true;
	for (size_t i = 0; i < m->n_versions; i++) {
		const struct tree_version *v = &m->versions[i];

		for (size_t k = 0; k < v->n_builds; k++) {
			if (!v->builds[k].installed)
				continue;
			strv_add(ret, v->builds[k].release);
			*ret_same &= !first || strcmp(first, v->version) == 0;
			first = v->version;
		}
	}
}

struct hold_job {
	struct engine *e;
	const struct options *o;
	const struct tree_module *m;
	struct goals goals;
};

/*
 * Add the goal to hold a version: the one that the command names; else the one that is installed on
 * `release`, or on any kernel if `release` is NULL; else the newest one.
 */
static void holds_add_goal(struct hold_job *j, const char *release)
{
	struct modid id = { j->o->id.name, j->o->id.version };
	AUTO_STRV struct strv kernels = STRV_INIT;
	const char *version = NULL;
	bool same;

	if (!option_is_set(id.version)) {
		holds_kernels(j->m, &kernels, &same);
		if (release)
			version = holds_installed(j->m, release);
		else if (kernels.n)
			version = holds_installed(j->m, kernels.v[0]);
		if (!version)
			version = j->m->versions[j->m->n_versions - 1].version;
		id.version = (char *)(uintptr_t)version;
	}
	goals_add(&j->goals, GOAL_HOLD, &id, release, release ? j->e->arch : NULL, false);
}

static void holds_warn_unknown_kernel(const struct engine *e, const char *release)
{
	AUTO_FREE char *tree = engine_modules(e, "%s", release);

	if (!fs_is_dir(&e->root, tree))
		log_warning("There is no kernel %s here now.", release);
}

static void holds_add_goals(struct hold_job *j)
{
	AUTO_STRV struct strv kernels = STRV_INIT;
	const char *release;
	bool same;

	STRV_FOREACH (release, &j->o->kernels) {
		holds_warn_unknown_kernel(j->e, release);
		holds_add_goal(j, release);
	}
	if (j->o->kernels.n)
		return;
	holds_kernels(j->m, &kernels, &same);
	if (same || option_is_set(j->o->id.version)) {
		holds_add_goal(j, NULL);
		return;
	}
	STRV_FOREACH (release, &kernels)
		holds_add_goal(j, release);
}

/* ---- the verbs ---- */

static int holds_list(struct engine *e, const struct options *o, struct tree *tree, struct err *err)
{
	int r = tree_list(e, o->id.name, NULL, tree);
	const struct tree_module *m = r < 0 ? NULL : tree_module(tree, o->id.name);

	if (r < 0)
		return err_sys(err, r, "%s", e->dkms_tree);
	if (!m || !m->n_versions ||
	    (option_is_set(o->id.version) && !tree_version(tree, o->id.name, o->id.version)))
		return err_set(err, -E_NOT_ADDED, "%s%s%s is not in the DKMS tree.", o->id.name,
			       option_is_set(o->id.version) ? "/" : "",
			       option_is_set(o->id.version) ? o->id.version : "");
	return 0;
}

static int holds_run_hold(struct engine *e, const struct options *o)
{
	AUTO_TREE struct tree tree = TREE_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	struct hold_job j = { .e = e, .o = o };
	int r = holds_need_name(o, "hold", &err);

	if (r == 0)
		r = holds_list(e, o, &tree, &err);
	if (r < 0)
		return report_error(&err);
	j.m = tree_module(&tree, o->id.name);
	holds_add_goals(&j);
	r = work_goals(e, o, &j.goals);
	goals_release(&j.goals);
	return r;
}

/* Say that there is nothing to lift.  As with `apt-mark unhold`, that is no error. */
static int holds_tell_none(const struct options *o, const struct holds *l)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_addf(&b, "There is no hold on %s%s%s", o->id.name,
		 option_is_set(o->id.version) ? "/" : "",
		 option_is_set(o->id.version) ? o->id.version : "");
	buf_adds(&b, o->kernels.n ? " for this kernel." : ".");
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i].name, o->id.name) != 0)
			continue;
		buf_adds(&b, "\n");
		hold_add_text(&l->v[i], &b);
		buf_adds(&b, ". Lift it: ");
		hold_add_cure(&l->v[i], &b);
	}
	log_note("%s", b.s);
	return 0;
}

static int holds_run_unhold(struct engine *e, const struct options *o)
{
	union ledger_list all = { .holds = { NULL, 0 } };
	struct holds *l = &all.holds;
	AUTO_GOALS struct goals goals = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r = holds_need_name(o, "unhold", &err);

	if (r < 0)
		return report_error(&err);
	holds_load(e, l);
	for (size_t i = 0; i < l->n; i++) {
		struct modid id = { l->v[i].name, l->v[i].version };

		if (hold_is_chosen(&l->v[i], o))
			goals_add(&goals, GOAL_UNHOLD, &id, l->v[i].release, l->v[i].arch, false);
	}
	r = goals.n ? work_goals(e, o, &goals) : holds_tell_none(o, l);
	ledger_release(LEDGER_HOLDS, l);
	return r;
}

static void holds_add_lines(const struct holds *l, const struct options *o, struct buf *ret)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!hold_is_chosen(&l->v[i], o))
			continue;
		hold_add_text(&l->v[i], ret);
		buf_adds(ret, "\n\tLift it: ");
		hold_add_cure(&l->v[i], ret);
		buf_addch(ret, '\n');
	}
	if (!ret->len)
		buf_adds(ret, "No holds.\n");
}

static int holds_run_holds(struct engine *e, const struct options *o)
{
	union ledger_list all = { .holds = { NULL, 0 } };
	struct holds chosen = { NULL, 0 };
	AUTO_BUF struct buf b = BUF_INIT;

	holds_load(e, &all.holds);
	for (size_t i = 0; i < all.holds.n; i++) {
		if (hold_is_chosen(&all.holds.v[i], o))
			VEC_PUSH(chosen.v, chosen.n, all.holds.v[i]);
	}
	if (o->json)
		json_holds_list(&chosen, &b);
	else
		holds_add_lines(&chosen, o, &b);
	free(chosen.v);
	ledger_release(LEDGER_HOLDS, &all.holds);
	return report_print(b.s);
}

const struct verb verb_hold = {
	.name = "hold",
	.help = "keep it as it is: no event changes it",
	.args = "NAME[/VERSION] [-k KERNEL]...",
	.about = "Keeps the module package as it is: the version that is installed stays, and\n"
		 "where none is installed, none comes. Without -k on every kernel, also on one\n"
		 "that is installed later. Upgrades and new installs of its package do not end\n"
		 "the hold: dkms unhold does, or dkms install by hand.",
	.words = WORDS_ADDED,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_NO_ALL | VERB_OURS,
	.run = holds_run_hold,
	.uses = USES_MODULE | OPTION(OPT_KERNEL) | OPTION(OPT_DRY_RUN),
};
const struct verb verb_unhold = {
	.name = "unhold",
	.help = "lift holds: events take care of it again",
	.args = "NAME[/VERSION] [-k KERNEL]...",
	.about = "Lifts the holds on the module package, also those that uninstall, remove and\n"
		 "an install of an older version have set. With -k only those on that kernel.",
	.words = WORDS_ADDED,
	.flags = VERB_ROOT | VERB_WRITE_TREE | VERB_NO_ALL | VERB_OURS,
	.run = holds_run_unhold,
	.uses = USES_MODULE | OPTION(OPT_KERNEL) | OPTION(OPT_DRY_RUN),
};
const struct verb verb_holds = {
	.name = "holds",
	.help = "what is held, and how to lift it",
	.args = "[NAME[/VERSION]] [-k KERNEL]...",
	.about = "Lists what events leave alone because a person said so, each with the command\n"
		 "that lifts the hold.",
	.words = WORDS_ADDED,
	.flags = VERB_NO_ALL | VERB_OURS | VERB_READER | VERB_NO_PROCESS,
	.run = holds_run_holds,
	.uses = USES_MODULE | OPTION(OPT_KERNEL) | OPTION(OPT_JSON),
};
