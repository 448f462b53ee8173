/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms log: the history as a list (newest run first), one run with its steps, or JSON.  It changes
 * nothing, needs no root, and starts no process except a pager on a terminal.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/logfollow.h"
#include "cli/logtext.h"
#include "cli/report.h"
#include "cli/since.h"
#include "run/history.h"
#include "run/historyjson.h"
#include "sys/pager.h"

enum { FOLLOW_RUNS = 10 }; /* the runs that --follow begins with; tail(1) begins with 10 lines */

struct view {
	const struct engine *e;
	const struct options *o;
	struct history h;
	struct history_filter filter;
	enum history_state *states; /* one for each run in h */
	size_t most;		    /* show at most this many runs */
	bool one;		    /* show each run with all its steps */
};

static bool view_is_last(const struct options *o)
{
	return o->id.name && !o->id.version && strcmp(o->id.name, "last") == 0;
}

static int view_set_number(struct view *v, struct err *err)
{
	const char *text = v->o->number;
	char *end = NULL;

	if (!text)
		return 0;
	v->most = strspn(text, "0123456789") ? strtoul(text, &end, 10) : 0;
	if (!v->most || *end)
		return err_set(err, -E_USAGE, "-n takes a number of runs, from 1, not '%s'.", text);
	return 0;
}

static int view_set_filter(struct view *v, struct err *err)
{
	const struct options *o = v->o;
	time_t since = 0;

	v->filter = (struct history_filter){ .kernels = &o->kernels,
					     .failed = o->failed,
					     .refused = o->refused };
	if (history_is_run_id(o->id.name) && !o->id.version) {
		v->filter.run = o->id.name;
	} else if (!view_is_last(o)) {
		v->filter.name = o->id.name;
		v->filter.version = o->id.version;
	}
	v->one = v->filter.run || view_is_last(o) || o->full;
	v->most = v->one && !v->filter.run ? 1 : SIZE_MAX;
	if (o->since) {
		int r = since_parse(o->since, time(NULL), &since, err);

		if (r < 0)
			return r;
	}
	v->filter.since = since;
	return view_set_number(v, err);
}

static int view_load(struct view *v, struct err *err)
{
	int r = history_load(v->e, &v->h, err);

	if (r < 0)
		return r;
	v->states = xcalloc(v->h.n, sizeof(*v->states));
	for (size_t i = 0; i < v->h.n; i++)
		v->states[i] = history_state_now(&v->h.runs[i]);
	if (v->h.bad)
		log_warning("%zu line%s of the history cannot be read and %s left out.", v->h.bad,
			    v->h.bad == 1 ? "" : "s", v->h.bad == 1 ? "is" : "are");
	return 0;
}

/* Keep the runs that fit the filter.  *ret_none: what to print if none does; caller frees. */
static int view_select(struct view *v, char **ret_none, struct err *err)
{
	const struct modid *id = &v->o->id;

	if (!v->h.n)
		*ret_none = xstrdup("The history is empty.\n");
	else if (option_is_set(id->name))
		*ret_none = xasprintf("No run matches '%s%s%s'.\n", id->name,
				      id->version ? "/" : "", id->version ? id->version : "");
	else
		*ret_none = xstrdup("No run matches.\n");
	history_select(&v->h, v->states, &v->filter, v->most);
	if (v->filter.run && !v->h.n)
		return err_set(err, -E_GENERAL,
			       "There is no run %s in the history; \"dkms log\" lists them.",
			       v->filter.run);
	return 0;
}

static int view_print(struct view *v, const char *none)
{
	struct logtext l = { .e = v->e, .filter = &v->filter, .full = v->o->full, .out = BUF_INIT };

	for (size_t i = 0; i < v->h.n && !l.status; i++) {
		if (v->one)
			logtext_add_long_run(&l, &v->h.runs[i], v->states[i]);
		else
			logtext_add_short_run(&l, &v->h.runs[i], v->states[i]);
		logtext_flush(&l);
	}
	buf_release(&l.out);
	return v->h.n ? l.status : report_print(none);
}

static int view_print_json(struct view *v)
{
	AUTO_BUF struct buf b = BUF_INIT;

	history_json(&v->h, &v->filter, v->states, &b);
	return report_print(b.s);
}

static void view_release(struct view *v)
{
	history_release(&v->h);
	free(v->states);
}

/* ---- the pager, by git's rules ---- */

/* The command of the pager; NULL: none is wanted, or standard output cannot have one. */
static const char *log_pager(void)
{
	const char *term = getenv("TERM"), *command = getenv("DKMS_PAGER");

	if (!isatty(STDOUT_FILENO) || !term || strcmp(term, "dumb") == 0)
		return NULL;
	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = "less";
	return *command && strcmp(command, "cat") != 0 ? command : NULL;
}

static void log_start_pager(struct pager *p)
{
	/* A person whom sudo allows only `dkms log` must not get a shell from less. */
	static const char *const env[] = { "LESS=FRX", "LV=-c", NULL };
	static const char *const secure[] = { "LESS=FRX", "LV=-c", "LESSSECURE=1", NULL };
	const char *command = log_pager();
	int r;

	if (!command)
		return;
	fflush(stdout);
	r = pager_start(p, command, getenv("SUDO_UID") ? secure : env);
	if (r < 0)
		log_debug("the pager %s cannot be started: %s", command, error_text(r));
}

/* Print to the pager, if there is one.  If the reader quits it early, that is no failure. */
static int log_print_paged(struct view *v, const char *none)
{
	struct pager p = PAGER_INIT;
	int status;

	log_start_pager(&p);
	status = view_print(v, none);
	if (fflush(stdout) != 0 && !p.pid)
		status = 1;
	if (!p.pid)
		return status;
	clearerr(stdout);
	pager_end(&p);
	return 0;
}

/* ---- the verb ---- */

static int log_follow(const struct view *v)
{
	AUTO_ERR struct err err = ERR_INIT;

	if (!v->o->json && !v->one && !v->o->refused)
		return logfollow(v->e, &v->filter, v->o->number ? v->most : FOLLOW_RUNS);
	err_set(&err, -E_USAGE,
		"--follow shows runs as they come: no run can be named with it, "
		"and it has no --json, --full or --refused.");
	return report_error(&err);
}

static int log_run(struct engine *e, const struct options *o)
{
	CLEANUP(view_release)
	struct view v = { .e = e, .o = o, .h = HISTORY_INIT };
	AUTO_ERR struct err err = ERR_INIT;
	AUTO_FREE char *none = NULL;

	if (view_set_filter(&v, &err) < 0)
		return report_error(&err);
	if (o->follow)
		return log_follow(&v);
	if (view_load(&v, &err) < 0 || view_select(&v, &none, &err) < 0)
		return report_error(&err);
	return o->json ? view_print_json(&v) : log_print_paged(&v, none);
}

const struct verb verb_log = {
	.name = "log",
	.help = "what was done, when, why, and what failed",
	.args = "[RUN | last | NAME[/VERSION]] [-k KERNEL ...]",
	.about = "Prints what dkms has done, and which command or package manager asked for\n"
		 "it, the newest first. With a RUN, or \"last\", it prints all of that run;\n"
		 "--full adds the logs of its builds. A terminal gets it by a pager.\n",
	.words = WORDS_RUNS,
	.flags = VERB_NO_PROCESS | VERB_NO_ALL | VERB_OURS | VERB_READER,
	.run = log_run,
	.uses = USES_MODULE | OPTION(OPT_KERNEL) | OPTION(OPT_JSON) | OPTION(OPT_FAILED) |
		OPTION(OPT_SINCE) | OPTION(OPT_NUMBER) | OPTION(OPT_FULL) | OPTION(OPT_FOLLOW) |
		OPTION(OPT_REFUSED),
};
