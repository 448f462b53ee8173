/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms status prints a table on a terminal (statustable.h), and DKMS's text elsewhere.  Many
 * programs parse that text, so its form never changes.  The command starts no process, evaluates no
 * conf and changes nothing.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/nextboot.h"
#include "cli/report.h"
#include "cli/statusjson.h"
#include "cli/statustable.h"
#include "cli/table.h"
#include "model/kver.h"
#include "run/standhistory.h"
#include "survey/stand.h"
#include "tree/ledgerfile.h"
#include "tree/pending.h"
#include "tree/tree.h"

struct printer {
	struct engine *e;
	const struct options *o;
	struct buf out;
	struct verdicts verdicts; /* loaded for the first build without a record */
	bool has_verdicts;
	struct stand stand; /* made for the first version whose source is missing */
	bool has_stand;
	bool failed; /* standard output cannot be written */
};

/*
 * Returns the pattern if it has no wildcard, else NULL.  tree_list() then reads only the folder of
 * that name.
 */
static const char *status_plain_name(const char *pattern)
{
	return option_is_set(pattern) && !strpbrk(pattern, "*?[\\") ? pattern : NULL;
}

/* Does a module of the build cover or replace an original? */
static bool status_covers_original(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_modules; i++) {
		if (rec->modules[i].original)
			return true;
	}
	return false;
}

static bool status_lacks_module(struct printer *p, const struct target *t)
{
	if (!p->has_verdicts && ledger_load(p->e, &p->verdicts, NULL) < 0)
		log_debug("not all verdicts can be read");
	p->has_verdicts = true;
	return tree_lacks_judged_module(p->e, t, &p->verdicts);
}

static void status_add_notes(struct printer *p, const struct target *t, const struct tree_build *b)
{
	AUTO_RECORD struct record rec = { .depends = STRV_INIT };
	bool have = b->record && tree_record_read(p->e, t, &rec, NULL) == 0;
	enum files_state state = tree_files_state(p->e, t, have ? &rec : NULL, b->installed);

	if (!have && status_lacks_module(p, t))
		state = FILES_LOST;
	if (b->original || (have && b->installed && status_covers_original(&rec)))
		buf_adds(&p->out, " (Original modules exist)");
	if (state == FILES_LOST)
		buf_adds(&p->out, " (Built modules are missing in the kernel modules folder)");
	else if (state != FILES_SAME && b->installed)
		buf_adds(&p->out, " (Differences between built and installed modules)");
}

static void status_print_build(struct printer *p, const struct tree_module *m,
			       const struct tree_version *v, const struct tree_build *b)
{
	struct target t = { m->name, v->version, b->release, b->arch };

	buf_addf(&p->out, "%s/%s, %s, %s: %s", m->name, v->version, b->release, b->arch,
		 b->installed ? "installed" : "built");
	status_add_notes(p, &t, b);
	buf_addch(&p->out, '\n');
}

/*
 * Print the builds of a version for kernels that match `pattern`; if `pattern` is NULL, for every
 * kernel that DKMS lists.  Returns false if there is no such build.
 */
static bool status_print_builds(struct printer *p, const struct tree_module *m,
				const struct tree_version *v, const char *pattern)
{
	bool any = false;

	for (size_t i = 0; i < v->n_builds; i++) {
		const struct tree_build *b = &v->builds[i];

		if (!tree_build_is_known(b) || !options_match_any(&p->o->archs, b->arch))
			continue;
		if (pattern ? !options_match(pattern, b->release) : !kver_is_listed(b->release))
			continue;
		status_print_build(p, m, v, b);
		any = true;
	}
	return any;
}

static void status_flush(struct printer *p)
{
	p->failed |= report_print(p->out.s) || fflush(stdout) != 0;
	buf_reset(&p->out);
}

/*
 * If this version, whose source is missing, stays only until the newest version can be installed,
 * say so and return true.  Then the caller must not tell a person to remove it.
 */
static bool status_tell_stays(struct printer *p, const struct modid *id)
{
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	if (!p->has_stand && stand_look(p->e, &p->stand, &err) < 0)
		log_debug("not judged: %s", err.text);
	p->has_stand = true;
	if (!standings_add_stays(&text, &p->stand.list, id))
		return false;
	log_warning("%s.", text.s);
	return true;
}

static void status_print_broken(struct printer *p, const struct tree_module *m,
				const struct tree_version *v)
{
	struct modid id = { m->name, v->version };

	buf_addf(&p->out, "%s/%s: broken\n", m->name, v->version);
	status_flush(p);
	if (status_tell_stays(p, &id))
		return;
	log_msg(LOG_ERROR,
		"%s/%s: Missing the module source directory or the symbolic link pointing to it.\n"
		"Manual intervention is required!\n"
		"Bring %s back, or dkms remove %s/%s --all (its modules go).",
		m->name, v->version, v->link ? v->link : "the source", m->name, v->version);
}

static void status_print_version(struct printer *p, const struct tree_module *m,
				 const struct tree_version *v, const char *kernel)
{
	if (v->source == SOURCE_MISSING || v->source == SOURCE_BROKEN) {
		status_print_broken(p, m, v);
		return;
	}
	if (!status_print_builds(p, m, v, kernel) && v->source == SOURCE_OK)
		buf_addf(&p->out, "%s/%s: added\n", m->name, v->version);
}

static void status_print_all(struct printer *p, const struct tree *tree, const char *kernel)
{
	for (size_t i = 0; i < tree->n_modules; i++) {
		const struct tree_module *m = &tree->modules[i];

		if (!options_match(p->o->id.name, m->name))
			continue;
		for (size_t k = 0; k < m->n_versions; k++) {
			if (options_match(p->o->id.version, m->versions[k].version))
				status_print_version(p, m, &m->versions[k], kernel);
		}
	}
}

/* Warn about pending work on standard error: standard output has only the lines of DKMS. */
static void status_tell_pending(const struct engine *e)
{
	AUTO_STRV struct strv depmod = STRV_INIT, initramfs = STRV_INIT;
	const char *release;

	pending_left(e, PENDING_DEPMOD, &depmod);
	pending_left(e, PENDING_INITRAMFS, &initramfs);
	STRV_FOREACH (release, &depmod)
		log_warning("depmod for %s failed or was interrupted; the next dkms event runs it.",
			    release);
	STRV_FOREACH (release, &initramfs)
		log_warning("The initramfs of %s was not made anew after modules changed; the next "
			    "dkms event does it.",
			    release);
}

static int status_print_text(struct engine *e, const struct options *o)
{
	struct printer p = { .e = e, .o = o, .out = BUF_INIT, .stand = STAND_INIT };
	AUTO_TREE struct tree tree = TREE_INIT;
	int r = tree_list(e, status_plain_name(o->id.name), status_plain_name(o->id.version),
			  &tree);

	if (r < 0) {
		AUTO_ERR struct err err = ERR_INIT;

		err_sys(&err, r, "%s", e->dkms_tree);
		return report_error(&err);
	}
	for (size_t i = 0; i < o->kernels.n; i++)
		status_print_all(&p, &tree, o->kernels.v[i]);
	if (!o->kernels.n)
		status_print_all(&p, &tree, NULL);
	status_flush(&p);
	r = p.failed;
	buf_release(&p.out);
	verdicts_release(&p.verdicts);
	stand_release(&p.stand);
	status_tell_pending(e);
	return r;
}

static int status_print_json(struct engine *e, const struct stand *s, const struct verify *known,
			     const struct json_filter *filter)
{
	AUTO_BUF struct buf b = BUF_INIT;

	json_status(e, s, known, filter, &b);
	return report_print(b.s);
}

/* Is there an entry that `dkms why` has more to say about? */
static bool status_has_reason(const struct stand *s, const struct json_filter *filter)
{
	for (size_t i = 0; i < s->list.n; i++) {
		const struct standing *l = &s->list.v[i];

		if (l->reason && options_match(filter->name, l->id.name) &&
		    options_match(filter->version, l->id.version))
			return true;
	}
	return false;
}

static void status_add_count(size_t problems, size_t width, struct buf *b)
{
	AUTO_FREE char *count = xasprintf("%zu problem%s. ", problems, problems == 1 ? "" : "s");
	AUTO_FREE char *text =
		xasprintf("%sTo see more: dkms why NAME/VERSION -k KERNEL", problems ? count : "");

	buf_addch(b, '\n');
	table_add_text(b, text, width);
}

static int status_print_table(const struct stand *s, const struct options *o,
			      const struct json_filter *filter, const struct terminal *term)
{
	AUTO_BUF struct buf b = BUF_INIT;
	size_t problems = status_table(s, filter, o->problems, term, &b);

	if (!o->problems && (problems || status_has_reason(s, filter)))
		status_add_count(problems, term->width, &b);
	return report_print_tinted(b.s, term->color);
}

static int status_print_check(const struct stand *s, const struct json_filter *filter)
{
	AUTO_BUF struct buf b = BUF_INIT;
	enum check_status status = status_check(s, filter, &b);

	return report_print(b.s) == 0 && fflush(stdout) == 0 ? (int)status : CHECK_UNKNOWN;
}

int status_unknown(const struct err *err)
{
	AUTO_BUF struct buf b = BUF_INIT;

	status_check_unknown(err->text ? err->text : error_text(err->code), &b);
	report_print(b.s);
	return CHECK_UNKNOWN;
}

/* Warn about what the survey could not read.  The rest is shown all the same. */
static void status_tell_problems(const struct stand *s)
{
	const char *problem;

	STRV_FOREACH (problem, &s->survey.problems)
		log_warning("%s", problem);
}

/* Print one of the forms that show standings (decide/standing.h): table, JSON or --check. */
static int status_run_judged(struct engine *e, const struct options *o, const struct terminal *term)
{
	struct json_filter filter = { o->id.name, o->id.version, &o->kernels, &o->archs,
				      o->problems };
	AUTO_VERIFY struct verify known = { .n = 0 };
	AUTO_STAND struct stand s = STAND_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	if (stand_look(e, &s, &err) < 0)
		return o->check ? status_unknown(&err) : report_error(&err);
	standhistory_add(e, o->json, &s.list);
	verify_known(e, &known);
	nextboot_mark(&known, &s.list);
	if (o->json)
		return status_print_json(e, &s, &known, &filter);
	if (o->check)
		return status_print_check(&s, &filter);
	status_tell_problems(&s);
	return status_print_table(&s, o, &filter, term);
}

static int status_run(struct engine *e, const struct options *o)
{
	struct terminal term = terminal_look();

	if (o->check && (o->json || o->problems)) {
		AUTO_ERR struct err err = ERR_INIT;

		err_set(&err, -E_USAGE, "--check goes with neither --json nor --problems.");
		return status_unknown(&err);
	}
	if (o->json || o->check || o->problems || term.is)
		return status_run_judged(e, o, &term);
	return status_print_text(e, o);
}

const struct verb verb_status = {
	.name = "status",
	.help = "what is added, built and installed",
	.args = "[NAME[/VERSION]] [-k KERNEL ...]",
	.about = "Prints how each module package stands on each kernel, and why: a table on a\n"
		 "terminal, elsewhere the lines of DKMS. --problems prints only what needs a\n"
		 "person, --check one line for monitoring, with the exit status 0 (all is well),\n"
		 "1 (a problem), 2 (a module is missing on the running or the newest kernel) or\n"
		 "3 (it cannot be told). Names, versions and\n"
		 "kernels may be shell patterns. It changes nothing and needs no rights.\n",
	.words = WORDS_ADDED,
	.flags = VERB_NO_PROCESS | VERB_READER,
	.run = status_run,
	.uses = USES_MODULE | USES_KERNEL | OPTION(OPT_JSON) | OPTION(OPT_PROBLEMS) |
		OPTION(OPT_CHECK),
};
