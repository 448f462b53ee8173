/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms gate: which kernels of an upgrade are held back.  The hooks of package managers call
 * `dkms gate --refresh` after they have refreshed their lists.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/ahead.h"
#include "cli/cli.h"
#include "cli/gatejson.h"
#include "cli/report.h"
#include "cli/work.h"
#include "decide/gate.h"
#include "kernel/kernels.h"
#include "model/gatetext.h"
#include "packages/candidates.h"
#include "packages/gatepins.h"
#include "packages/metered.h"
#include "survey/ahead.h"
#include "sys/proc.h"
#include "tree/ledgerfile.h"

static bool gate_is_off(const struct engine *e)
{
	return strcmp(settings_get(&e->settings, SET_GATE), "off") == 0;
}

/* A damaged ledger is no reason to hide what can be read. */
static void gate_load(const struct engine *e, struct gates *ret)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (ledger_load(e, ret, &err) < 0)
		log_warning("%s", err.text ? err.text : error_text(err.code));
}

/* ---- show ---- */

static void gate_add_lines(const struct engine *e, const struct gates *l, struct buf *ret)
{
	gatetext_add_all(l, ret);
	if (!ret->len)
		buf_addf(ret, "No kernel is held back (gate=%s).\n",
			 settings_get(&e->settings, SET_GATE));
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].released)
			buf_addf(ret, "Kernel %s was let in by a person.\n", l->v[i].release);
	}
}

static int gate_show(const struct engine *e, const struct options *o)
{
	AUTO_GATES struct gates l = { NULL, 0 };
	AUTO_BUF struct buf b = BUF_INIT;

	gate_load(e, &l);
	if (o->json)
		json_gate(e, &l, &b);
	else
		gate_add_lines(e, &l, &b);
	return report_print(b.s);
}

/*
 * Print which kernels are held back.  With -k, only the kernels that it names count.  The exit
 * status is 1 if a kernel is held back.
 */
static int gate_check(const struct engine *e, const struct options *o)
{
	AUTO_GATES struct gates l = { NULL, 0 };
	AUTO_BUF struct buf b = BUF_INIT;
	int status;

	gate_load(e, &l);
	for (size_t i = 0; i < l.n; i++) {
		if (!l.v[i].released && options_match_any(&o->kernels, l.v[i].release))
			gatetext_add(&l.v[i], false, &b);
	}
	status = report_print(b.s);
	return status ? status : b.len > 0;
}

/* ---- release ---- */

static int gate_release_kernel(struct engine *e, const struct options *o)
{
	AUTO_GATES struct gates l = { NULL, 0 };
	AUTO_PLAN struct plan plan = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int status;

	gate_load(e, &l);
	if (!gate_plan_release(&l, o->release, &plan)) {
		err_set(&err, -E_NO_KERNEL, "Kernel %s is not held back.", o->release);
		return report_error(&err);
	}
	status = work_plan(e, o, &plan);
	if (status == 0 && !o->dry_run)
		log_note("Kernel %s is let in: the next upgrade brings it.", o->release);
	return status;
}

/* ---- refresh ---- */

/* If our command line names this tree, hand the option on to a child. */
static void gate_add_tree(const struct engine *e, enum setting id, const char *option,
			  struct strv *argv)
{
	if (strcmp(settings_source(&e->settings, id), "command line") != 0)
		return;
	strv_add(argv, option);
	strv_add(argv, settings_get(&e->settings, id));
}

/*
 * Run "dkms try WORD...".  The exit status of the child says nothing new: what counts is what it
 * leaves in the tree.
 */
static void gate_try(const struct engine *e, const struct options *o, const char *words)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r;

	strv_split(&spec.argv, "/proc/self/exe try", " ");
	strv_split(&spec.argv, words, " ");
	if (option_is_set(o->root)) {
		strv_add(&spec.argv, "--root");
		strv_add(&spec.argv, o->root);
	}
	gate_add_tree(e, SET_DKMS_TREE, "--dkmstree", &spec.argv);
	gate_add_tree(e, SET_SOURCE_TREE, "--sourcetree", &spec.argv);
	gate_add_tree(e, SET_INSTALL_TREE, "--installtree", &spec.argv);
	for (char **p = environ; *p; p++)
		strv_add(&spec.env, *p);
	r = proc_run(&spec, &res);
	if (r < 0)
		log_warning("dkms try %s: %s", words, error_text(r));
}

/* Append what has failed to build for the kernel. */
static void gate_find_faults(const struct engine *e, const char *release, struct gate_faults *ret)
{
	AUTO_AHEAD_VERDICTS struct ahead_verdicts l = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;

	if (ahead_verdicts(e, release, &l, &err) < 0)
		log_warning("%s", err.text ? err.text : error_text(err.code));
	for (size_t i = 0; i < l.n; i++) {
		if (l.v[i].state == AHEAD_FAILED)
			gate_faults_add(ret, release, &l.v[i].id, l.v[i].reason);
	}
}

/* An installed kernel does not come. */
static bool gate_is_installed(const struct engine *e, const char *release)
{
	AUTO_KERNEL_INFO struct kernel_info k = { .release = NULL };

	return kernel_look(e, release, NULL, NULL, &k) == 0 && k.complete;
}

/*
 * Add the kernels that -k names to the candidates: they are about to be installed, even if no
 * upgrade would bring them.  If the lists do not have the headers of one, they may be installed,
 * and its builds done.
 */
static void gate_look_named(struct engine *e, const struct options *o, bool tries,
			    struct candidate_list *candidates)
{
	const char *manager = candidates_manager_name(e), *release;

	STRV_FOREACH (release, &o->kernels) {
		AUTO_FREE char *words = xasprintf("--fetch -k %s", release);
		AUTO_CANDIDATE struct candidate found = CANDIDATE_INIT;
		AUTO_ERR struct err err = ERR_INIT;

		if (!manager || modid_kernel_problem(release) ||
		    candidates_at(candidates, release) || gate_is_installed(e, release))
			continue;
		if (ahead_find(e, release, &found, &err) < 0) {
			log_debug("%s", err.text ? err.text : error_text(err.code));
			candidates_put(candidates, manager, release);
			continue;
		}
		candidate_copy(candidates_put(candidates, found.manager, release), &found);
		if (tries)
			gate_try(e, o, words);
	}
}

static void gate_look(struct engine *e, const struct options *o, struct gate_facts *f,
		      struct candidate_list *candidates, struct gate_faults *faults)
{
	AUTO_ERR struct err err = ERR_INIT;
	bool tries = !o->dry_run;

	if (candidates_list(e, candidates, &err) < 0) {
		log_warning("It is not known which kernels an upgrade would bring: %s",
			    err.text ? err.text : error_text(err.code));
		return;
	}
	f->candidates = candidates;
	if (tries && (candidates->n || o->kernels.n) && network_is_metered(e)) {
		log_note("The network is metered: no kernel is tried before it is installed.");
		tries = false;
	}
	if (tries && candidates->n)
		gate_try(e, o, "--candidates");
	gate_look_named(e, o, tries, candidates);
	for (size_t i = 0; i < candidates->n; i++)
		gate_find_faults(e, candidates->v[i].release, faults);
}

/*
 * Say what is held back now, and which kernels are not any more.  If -k names the kernels that are
 * about to be installed, only they count, and nobody says that everything else is upgraded.
 */
static void gate_tell(const struct engine *e, const struct options *o, const struct gates *before)
{
	AUTO_GATES struct gates after = { NULL, 0 };
	AUTO_BUF struct buf text = BUF_INIT;

	gate_load(e, &after);
	for (size_t i = 0; i < before->n; i++) {
		const struct gate *old = &before->v[i];

		if (!old->released && !ledger_gate(&after, old->release))
			buf_addf(&text, "dkms: kernel %s is not held back any more\n",
				 old->release);
	}
	for (size_t i = 0; i < after.n; i++) {
		if (!after.v[i].released && options_match_any(&o->kernels, after.v[i].release))
			gatetext_add(&after.v[i], o->kernels.n, &text);
	}
	report_print(text.s);
}

/* The pins follow from the ledger.  One that somebody removed comes back. */
static int gate_settle_pins(struct engine *e)
{
	AUTO_GATES struct gates l = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;

	gate_load(e, &l);
	return gatepins_write(e, &l, &err) < 0 ? report_error(&err) : 0;
}

static int gate_refresh(struct engine *e, const struct options *o)
{
	AUTO_CANDIDATES struct candidate_list candidates = { NULL, 0 };
	AUTO_GATE_FAULTS struct gate_faults faults = { NULL, 0 };
	AUTO_GATES struct gates now = { NULL, 0 };
	AUTO_PLAN struct plan plan = { 0 };
	struct gate_facts f = {
		.off = gate_is_off(e),
		.critical = settings_get(&e->settings, SET_CRITICAL_MODULES),
		.faults = &faults,
		.now = &now,
		.time = time(NULL),
	};
	int status = 0;

	gate_load(e, &now);
	if (f.off && !now.n && !gatepins_exist(e))
		return 0;
	if (!f.off)
		gate_look(e, o, &f, &candidates, &faults);
	gate_plan(&f, &plan);
	if (o->dry_run || plan.n)
		status = work_plan(e, o, &plan);
	if (o->dry_run)
		return status;
	gate_tell(e, o, &now);
	return status ? status : gate_settle_pins(e);
}

/* ---- the verb ---- */

static int gate_run(struct engine *e, const struct options *o)
{
	AUTO_ERR struct err err = ERR_INIT;
	bool acts = o->refresh || option_is_set(o->release);

	if (o->refresh + o->check + option_is_set(o->release) > 1) {
		err_set(&err, -E_USAGE,
			"Only one of --refresh, --release and --check is possible.");
		return report_error(&err);
	}
	if (acts && geteuid() != 0 && !o->dry_run) {
		err_set(&err, -E_NOT_ROOT, "You must be root to do that.");
		return report_error(&err);
	}
	if (o->refresh)
		return gate_refresh(e, o);
	if (option_is_set(o->release))
		return gate_release_kernel(e, o);
	return o->check ? gate_check(e, o) : gate_show(e, o);
}

const struct verb verb_gate = {
	.name = "gate",
	.help = "which kernels an upgrade leaves out, because a module does not build",
	.args = "[--release KERNEL | --check | --refresh] [-k KERNEL]",
	.about =
		"Shows which kernels the next upgrade leaves out, and why, if the setting gate is\n"
		"pin or strict. --release lets such a kernel in. --check ends with 1 if a kernel\n"
		"is held back. --refresh decides anew; the hooks of package managers call it.\n"
		"With -k, the kernels that it names count as well: they are about to come.\n",
	.words = WORDS_NONE,
	.flags = VERB_OURS | VERB_NO_ALL,
	.run = gate_run,
	.uses = OPTION(OPT_REFRESH) | OPTION(OPT_RELEASE) | OPTION(OPT_CHECK) | OPTION(OPT_KERNEL) |
		OPTION(OPT_DRY_RUN) | OPTION(OPT_JSON),
};
