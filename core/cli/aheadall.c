/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dkms try --candidates: for each kernel that an upgrade would bring. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/ahead.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "cli/work.h"
#include "packages/candidates.h"
#include "sys/proc.h"
#include "tree/ledgerfile.h"

static int all_check_options(const struct options *o, struct err *err)
{
	const option_set others = OPTION(OPT_JUNIT) | OPTION(OPT_KERNEL_SOURCE_DIR) |
				  OPTION(OPT_DIRECTIVE) | OPTION(OPT_HEADERS) | OPTION(OPT_KERNEL) |
				  OPTION(OPT_CONFIG);

	if (o->given & others)
		return err_set(err, -E_USAGE,
			       "With --candidates the package manager says which kernels and "
			       "headers these are.");
	if (geteuid() != 0)
		return err_set(err, -E_NOT_ROOT, "You must be root to use this command.");
	return 0;
}

static void all_put_candidate(struct candidates *l, const struct candidate *c)
{
	struct candidate_kernel k = { .release = xstrdup(c->release),
				      .from = xstrdup(c->manager),
				      .since = time(NULL),
				      .packages = STRV_INIT };

	strv_add_all(&k.packages, &c->packages);
	ledger_put_candidate(l, &k);
}

/* Put these candidates into the ledger, in the place of all that package managers have named. */
static void all_put_candidates(void *list, void *data)
{
	const struct candidate_list *now = data;
	struct candidates *l = list;

	for (size_t i = l->n; i-- > 0;) {
		AUTO_FREE char *release = xstrdup(l->v[i].release);

		if (strcmp(l->v[i].from, CANDIDATE_PERSON) != 0)
			ledger_drop_candidate(l, release);
	}
	for (size_t i = 0; i < now->n; i++)
		all_put_candidate(l, &now->v[i]);
}

/* Hand an option on, if the command line has set this setting. */
static void all_add_setting(struct strv *argv, const struct settings *s, enum setting id,
			    const char *option)
{
	if (!strcmp(settings_source(s, id), "command line")) {
		strv_add(argv, option);
		strv_add(argv, settings_get(s, id));
	}
}

/*
 * Try one kernel.  Each has a process of its own, because the headers that layheaders() shows to a
 * process stay there until it ends.
 */
static int all_try(const struct engine *e, const struct options *o, const char *release,
		   struct err *err)
{
	const struct settings *s = &e->settings;
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	int r;

	strv_add(&spec.argv, "/proc/self/exe");
	strv_add(&spec.argv, "try");
	strv_add(&spec.argv, "--fetch");
	strv_add(&spec.argv, "-k");
	strv_add(&spec.argv, release);
	if (root_is_foreign(&e->root)) {
		strv_add(&spec.argv, "--root");
		strv_add(&spec.argv, e->root.path);
	}
	all_add_setting(&spec.argv, s, SET_DKMS_TREE, "--dkmstree");
	all_add_setting(&spec.argv, s, SET_SOURCE_TREE, "--sourcetree");
	all_add_setting(&spec.argv, s, SET_INSTALL_TREE, "--installtree");
	all_add_setting(&spec.argv, s, SET_PARALLEL_JOBS, "-j");
	if (o->force)
		strv_add(&spec.argv, "--force");
	if (o->json)
		strv_add(&spec.argv, "--json");
	strv_add_all(&spec.argv, &o->words);
	for (char **p = environ; *p; p++)
		strv_add(&spec.env, *p);
	spec.quiet = o->json; /* our document has what the child would print */
	r = proc_run(&spec, &res);
	if (r < 0)
		return err_sys(err, r, "dkms try -k %s", release);
	if (res.end == PROC_EXITED)
		return res.status;
	return err_set(err, res.end == PROC_INTERRUPTED ? -E_INTERRUPTED : -E_GENERAL,
		       "dkms try -k %s was ended from outside.", release);
}

/*
 * Is there nothing to learn of this kernel?  If it was a candidate with the same packages before,
 * and all is built for it, its headers need not be downloaded again.
 */
static bool all_is_known(const struct engine *e, const struct candidates *before,
			 const struct candidate *c)
{
	const struct candidate_kernel *k = ledger_candidate(before, c->release);
	AUTO_AHEAD_VERDICTS struct ahead_verdicts l = { NULL, 0 };
	AUTO_FREE char *was = k ? strv_join(&k->packages, " ") : NULL;
	AUTO_FREE char *is = strv_join(&c->packages, " ");

	if (!k || strcmp(was, is) != 0 || ahead_verdicts(e, c->release, &l, NULL) < 0)
		return false;
	return !ahead_count(&l, AHEAD_FAILED) && !ahead_count(&l, AHEAD_NOT_TRIED);
}

/* Returns the exit status of the first try that failed; 0: none. */
static int all_try_each(const struct engine *e, const struct options *o,
			const struct candidates *before, const struct candidate_list *l)
{
	int status = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char *release = l->v[i].release;
		AUTO_ERR struct err err = ERR_INIT;
		int r;

		if (o->dry_run) {
			log_note("An upgrade would bring %s (%s).", release, l->v[i].manager);
			continue;
		}
		if (!o->force && all_is_known(e, before, &l->v[i])) {
			log_note("All is built for %s.", release);
			continue;
		}
		r = all_try(e, o, release, &err);
		if (r < 0)
			r = report_error(&err);
		status = status ? status : r;
		if (err.code == -E_INTERRUPTED)
			break;
	}
	if (!l->n)
		log_note("No upgrade would bring another kernel.");
	return status;
}

static int all_print_json(const struct engine *e, const struct candidate_list *l, int status)
{
	AUTO_STRV struct strv releases = STRV_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	for (size_t i = 0; i < l->n; i++)
		strv_add(&releases, l->v[i].release);
	if (json_ahead_all(e, &releases, status, &b, &err) < 0)
		return report_error(&err);
	return report_print(b.s) ? 1 : status;
}

int ahead_run_candidates(struct engine *e, const struct options *o)
{
	AUTO_CANDIDATES struct candidate_list list = { NULL, 0 };
	struct candidates before = { NULL, 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r = all_check_options(o, &err), status;

	if (r == 0)
		r = work_begin(e, o, &err);
	if (r == 0)
		r = candidates_list(e, &list, &err);
	if (r == 0 && ledger_load(e, &before, NULL) < 0)
		log_debug("not all candidates can be read");
	if (r == 0 && !o->dry_run)
		r = ledger_change(e, LEDGER_CANDIDATES, all_put_candidates, &list, &err);
	status = r < 0 ? report_error(&err) : all_try_each(e, o, &before, &list);
	ledger_release(LEDGER_CANDIDATES, &before);
	return o->json && !o->dry_run ? all_print_json(e, &list, status) : status;
}
