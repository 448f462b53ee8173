/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dkms log: the history as a list (newest run first), one run with its steps, or JSON.
 * Starts no process, writes nothing, needs no root.
 */
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/logwords.h"
#include "cli/report.h"
#include "cli/since.h"
#include "cli/times.h"
#include "run/history.h"
#include "run/historyjson.h"
#include "sys/fs.h"

struct view {
	const struct engine *e;
	const struct options *o;
	struct history h;
	struct history_filter filter;
	enum history_state *states; /* h.n of them */
	struct buf out;
};

/* ---- steps ---- */

/* The first error line of the build, else the first line of the error. */
static void log_add_error_line(struct buf *b, const struct history_step *s)
{
	AUTO_FREE char *line = NULL;
	const char *text = s->lines.n ? s->lines.v[0] : s->error;

	if (!text)
		return;
	line = xstrndup(text, strcspn(text, "\n"));
	buf_adds(b, ": ");
	text_add_visible(b, line);
}

/* ---- the list ---- */

/* A build is not listed if its install follows in the same run. */
static bool log_step_is_listed(const struct history_run *r, size_t i)
{
	const struct history_step *s = &r->steps[i];

	if (s->result == HISTORY_FAILED)
		return true;
	if (s->result == HISTORY_NOT_DONE || s->result == HISTORY_UNCHANGED)
		return false;
	if (strcmp(s->kind, "build") != 0)
		return !logwords_phrase(s->kind)->minor;
	for (size_t k = i + 1; k < r->n; k++) {
		const struct history_step *t = &r->steps[k];

		if (strcmp(t->kind, "install") == 0 && t->name && s->name &&
		    strcmp(t->name, s->name) == 0 && t->release && s->release &&
		    strcmp(t->release, s->release) == 0 && t->result != HISTORY_NOT_DONE)
			return false;
	}
	return true;
}

static const char *log_step_label(const struct history_step *s)
{
	return s->result == HISTORY_FAILED ? "FAILED:"
	       : s->result == HISTORY_TOLD ? "note:"
					   : "done:";
}

static void log_add_short_step(struct buf *b, const struct history_step *s)
{
	buf_addf(b, "  %-11s %s%s", log_step_label(s), logwords_step(s),
		 s->name || s->release ? " " : "");
	logwords_add_subject(b, s->name, s->version, s->release);
	if (s->result == HISTORY_FAILED)
		log_add_error_line(b, s);
	else if (s->result == HISTORY_TOLD && s->reason) {
		buf_adds(b, ": ");
		text_add_visible(b, s->reason);
	}
	buf_addch(b, '\n');
}

static void view_add_head(struct view *v, size_t i)
{
	const struct history_run *r = &v->h.runs[i];
	struct buf *b = &v->out;

	buf_adds(b, "run ");
	text_add_visible(b, r->id);
	buf_adds(b, ", ");
	times_add_date(b, r->begun);
	if (v->states[i] == HISTORY_RUNNING) {
		buf_adds(b, ", still at work");
	} else if (r->ended < 0) {
		buf_adds(b, ", INTERRUPTED: it came to no end");
	} else {
		buf_adds(b, v->states[i] == HISTORY_STOPPED ? ", INTERRUPTED after " : ", ");
		times_add_span(b, r->msec);
	}
	buf_adds(b, "\n  because of: ");
	logwords_add_cause(b, &r->cause);
	buf_addch(b, '\n');
	logwords_add_packages(b, &r->cause);
}

static void log_add_run_error(struct buf *b, const struct history_run *r)
{
	if (!r->error)
		return;
	buf_adds(b, "  FAILED:     ");
	text_add_visible(b, r->error);
	buf_addch(b, '\n');
}

/*
 * Add the listed steps of a run; with `all`, every step that was done as well.  Returns how many.
 */
static size_t view_add_short_steps(struct view *v, const struct history_run *r, bool all)
{
	size_t shown = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct history_step *s = &r->steps[i];

		if (!(log_step_is_listed(r, i) || (all && s->result == HISTORY_DONE)) ||
		    !history_step_fits(s, &v->filter))
			continue;
		log_add_short_step(&v->out, s);
		shown++;
	}
	return shown;
}

static void view_add_short_run(struct view *v, size_t i)
{
	const struct history_run *r = &v->h.runs[i];
	size_t shown;

	buf_adds(&v->out, v->out.len ? "\n" : "");
	view_add_head(v, i);
	log_add_run_error(&v->out, r);
	shown = view_add_short_steps(v, r, false);
	if (!shown)
		shown = view_add_short_steps(v, r, true);
	if (!shown && !r->error && v->states[i] == HISTORY_OK)
		buf_adds(&v->out, "  done:       nothing had to be changed\n");
}

/* ---- one run ---- */

/*
 * Add the path of the build's log, and say if the log is gone or is that of a later build.  The
 * next build of the module package for this kernel overwrites the log, and the removal of the
 * module package deletes it.
 */
static void view_add_build_log(struct view *v, const struct history_run *r,
			       const struct history_step *s)
{
	AUTO_FREE char *host = root_host_path(&v->e->root, s->log);
	struct stat st;
	int k = *s->log == '/' ? fs_stat(&v->e->root, s->log, &st) : -1;

	buf_adds(&v->out, "                whole log: ");
	text_add_visible(&v->out, host);
	if (k < 0)
		buf_adds(&v->out, " (it is not there any more)");
	else if (st.st_mtime > (r->ended < 0 ? s->time : r->ended) + 1)
		buf_adds(&v->out, " (of a later build by now)");
	buf_addch(&v->out, '\n');
}

static void log_add_lines(struct buf *b, const char *text)
{
	AUTO_STRV struct strv lines = STRV_INIT;
	const char *line;

	strv_split(&lines, text, "\n");
	STRV_FOREACH (line, &lines) {
		buf_adds(b, "                ");
		text_add_visible(b, line);
		buf_addch(b, '\n');
	}
}

static void log_add_step_label(struct buf *b, const struct history_step *s)
{
	if (s->result == HISTORY_NOT_DONE)
		buf_addf(b, "  %-11s %s ", "not done:", s->kind);
	else if (s->result == HISTORY_UNCHANGED)
		buf_addf(b, "  %-11s %s ", "unchanged:", s->kind);
	else
		buf_addf(b, "  %-11s %s%s", log_step_label(s), logwords_step(s),
			 s->name || s->release ? " " : "");
}

static void view_add_long_step(struct view *v, const struct history_run *r,
			       const struct history_step *s)
{
	struct buf *b = &v->out;
	const char *line;

	log_add_step_label(b, s);
	logwords_add_subject(b, s->name, s->version, s->release);
	if (s->msec >= 100) {
		buf_adds(b, ", ");
		times_add_span(b, s->msec);
	}
	/* The reason of a refusal is also its error, which is added below. */
	if (s->reason && *s->reason && strcmp(s->kind, "refuse") != 0) {
		buf_adds(b, s->result == HISTORY_TOLD ? ": " : " (");
		text_add_visible(b, s->reason);
		buf_adds(b, s->result == HISTORY_TOLD ? "" : ")");
	}
	buf_addch(b, '\n');
	if (s->error)
		log_add_lines(b, s->error);
	STRV_FOREACH (line, &s->lines)
		log_add_lines(b, line);
	if (s->log && (s->result == HISTORY_FAILED || v->e->verbose))
		view_add_build_log(v, r, s);
}

static void view_add_long_run(struct view *v, size_t i)
{
	const struct history_run *r = &v->h.runs[i];

	buf_adds(&v->out, v->out.len ? "\n" : "");
	view_add_head(v, i);
	log_add_run_error(&v->out, r);
	for (size_t k = 0; k < r->n; k++) {
		if (history_step_fits(&r->steps[k], &v->filter))
			view_add_long_step(v, r, &r->steps[k]);
	}
	if (r->ended >= 0)
		buf_addf(&v->out, "  exit status %d\n", r->status);
}

/* ---- the verb ---- */

static int view_set_filter(struct view *v, struct err *err)
{
	const struct options *o = v->o;
	time_t since = 0;

	v->filter = (struct history_filter){ .kernels = &o->kernels, .failed = o->failed };
	if (history_is_run_id(o->id.name) && !o->id.version) {
		v->filter.run = o->id.name;
	} else {
		v->filter.name = o->id.name;
		v->filter.version = o->id.version;
	}
	if (o->since) {
		int r = since_parse(o->since, time(NULL), &since, err);

		if (r < 0)
			return r;
	}
	v->filter.since = since;
	return 0;
}

static int view_load(struct view *v, struct err *err)
{
	size_t fitting = 0;
	int r = view_set_filter(v, err);

	if (r == 0)
		r = history_load(v->e, &v->h, err);
	if (r < 0)
		return r;
	v->states = xcalloc(v->h.n, sizeof(*v->states));
	for (size_t i = 0; i < v->h.n; i++) {
		v->states[i] = history_state_now(&v->h.runs[i]);
		fitting += history_run_fits(&v->h.runs[i], &v->filter, v->states[i]);
	}
	if (v->h.bad)
		log_warning("%zu line%s of the history cannot be read and %s left out.", v->h.bad,
			    v->h.bad == 1 ? "" : "s", v->h.bad == 1 ? "is" : "are");
	if (v->filter.run && !fitting)
		return err_set(err, -E_GENERAL,
			       "There is no run %s in the history; \"dkms log\" lists them.",
			       v->filter.run);
	return 0;
}

static void view_print(struct view *v)
{
	for (size_t i = 0; i < v->h.n; i++) {
		if (!history_run_fits(&v->h.runs[i], &v->filter, v->states[i]))
			continue;
		if (v->filter.run)
			view_add_long_run(v, i);
		else
			view_add_short_run(v, i);
	}
	if (!v->out.len)
		buf_adds(&v->out,
			 v->h.n ? "No run in the history fits.\n" : "The history is empty.\n");
}

static void view_release(struct view *v)
{
	history_release(&v->h);
	free(v->states);
	buf_release(&v->out);
}

static int log_run(struct engine *e, const struct options *o)
{
	CLEANUP(view_release)
	struct view v = { .e = e, .o = o, .h = HISTORY_INIT, .out = BUF_INIT };
	AUTO_ERR struct err err = ERR_INIT;

	if (view_load(&v, &err) < 0)
		return report_error(&err);
	if (o->json)
		history_json(&v.h, &v.filter, v.states, &v.out);
	else
		view_print(&v);
	return report_print(v.out.s);
}

const struct verb verb_log = {
	.name = "log",
	.help = "what was done, when, why, and what failed",
	.args = "[RUN | NAME[/VERSION]] [-k KERNEL ...]",
	.about = "Prints what dkms has done, and which command or package manager asked for\n"
		 "it. With a RUN, it prints that run and what failed in it.\n",
	.words = WORDS_RUNS,
	.flags = VERB_NO_PROCESS | VERB_NO_ALL | VERB_OURS | VERB_READER,
	.run = log_run,
	.uses = USES_MODULE | OPTION(OPT_KERNEL) | OPTION(OPT_JSON) | OPTION(OPT_FAILED) |
		OPTION(OPT_SINCE),
};
