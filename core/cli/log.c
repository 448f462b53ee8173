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
#include "cli/report.h"
#include "cli/since.h"
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

/* ---- words ---- */

/* "2026-11-21 22:01:02", local time */
static void log_add_time(struct buf *b, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;
	char text[64];

	if (localtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm))
		buf_adds(b, text);
}

/* "0.4 s", "12 s", "3 min 5 s" */
static void log_add_duration(struct buf *b, int64_t msec)
{
	int64_t s = msec / 1000, tenths = (msec + 99) / 100;

	if (tenths < 100)
		buf_addf(b, "%lld.%lld s", (long long)(tenths / 10), (long long)(tenths % 10));
	else if (s < 60)
		buf_addf(b, "%lld s", (long long)s);
	else
		buf_addf(b, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
}

/* "apt-get upgrade, run by anna", "dkms install v4l2loopback/0.12.7, run by root" */
static void log_add_cause(struct buf *b, const struct history_cause *c)
{
	/* An event without "from" was typed by hand. */
	const char *from = c->from && strcmp(c->from, "unknown") != 0 ? c->from : NULL;
	const char *what = c->caller ? c->caller : from ? from : c->command;

	text_add_visible(b, what ? what : "unknown");
	if (c->caller && !from && c->command) {
		buf_adds(b, ", which called ");
		text_add_visible(b, c->command);
	}
	if (c->user) {
		buf_adds(b, ", run by ");
		text_add_visible(b, c->user);
	} else if (c->uid >= 0) {
		buf_addf(b, ", run by user %lld", (long long)c->uid);
	}
}

static const char *log_change_word(const char *change)
{
	if (change && strcmp(change, "added") == 0)
		return " new";
	return change && strcmp(change, "removed") == 0 ? " removed" : "";
}

static void log_add_package(struct buf *b, const struct history_package *p)
{
	if (p->package)
		text_add_visible(b, p->package);
	else
		text_add_visible(b, p->key ? p->key : "unknown");
	if (p->version) {
		buf_addch(b, ' ');
		text_add_visible(b, p->version);
	}
	buf_adds(b, log_change_word(p->change));
}

/*
 * Was the package named before with the same kind of change?  A package that ships several module
 * packages is in the list several times.
 */
static bool log_package_is_repeated(const struct history_cause *c, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		const struct history_package *a = &c->packages[k], *b = &c->packages[i];

		if (a->package && b->package && strcmp(a->package, b->package) == 0 &&
		    strcmp(log_change_word(a->change), log_change_word(b->change)) == 0)
			return true;
	}
	return false;
}

static void log_add_packages(struct buf *b, const struct history_cause *c)
{
	if (!c->n)
		return;
	buf_adds(b, "  packages:   ");
	for (size_t i = 0; i < c->n; i++) {
		if (log_package_is_repeated(c, i))
			continue;
		buf_adds(b, i ? "; " : "");
		log_add_package(b, &c->packages[i]);
	}
	if (c->left_out)
		buf_addf(b, "; and %llu more", (unsigned long long)c->left_out);
	buf_addch(b, '\n');
}

/* "v4l2loopback/0.12.7 for 6.1.0-56-amd64" */
static void log_add_subject(struct buf *b, const struct history_step *s)
{
	if (s->name) {
		text_add_visible(b, s->name);
		if (s->version) {
			buf_addch(b, '/');
			text_add_visible(b, s->version);
		}
	}
	if (s->release) {
		buf_adds(b, s->name ? " for " : "");
		text_add_visible(b, s->release);
	}
}

/* How the log names a kind of step: one that was done, and one that failed. */
struct phrase {
	const char *kind, *done, *failed;
	bool minor; /* listed only if it failed, or if the run has nothing else to list */
};

static const struct phrase *log_phrase(const char *kind)
{
	static const struct phrase phrases[] = {
		{ "register", "added", "could not add", true },
		{ "adopt", "took over from DKMS", "could not take over from DKMS", true },
		{ "build", "built", "could not build", true },
		{ "install", "installed", "could not install", false },
		{ "uninstall", "uninstalled", "could not uninstall", false },
		{ "unbuild", "removed the build of", "could not remove the build of", true },
		{ "unregister", "forgot", "could not forget", false },
		{ "clean", "cleaned up after", "could not clean up after", false },
		{ "depmod", "ran depmod for", "could not run depmod for", true },
		{ "initramfs", "made the initramfs of", "could not make the initramfs of", true },
		{ "hold", "noted to leave alone", "could not note to leave alone", true },
		{ "unhold", "takes care again of", "could not take care again of", true },
		{ "owners", "noted which packages are here", "could not note the packages", true },
		{ "request", "put off", "could not put off", false },
		{ "settle", "needs not be done any more:", "could not note about", true },
		{ "waiting", "waits", NULL, false },
		{ "held", "left alone", NULL, true },
		{ "excluded", "not for this kernel", NULL, true },
		{ "failed", "failed before", NULL, true },
		{ "deferred", "waits", NULL, false },
		{ "pending", "put off", NULL, false },
		{ "bad", "dkms.conf cannot be used:", NULL, true },
		{ "broken", "source missing", NULL, true },
		{ "keep", "stays as it is", NULL, true },
		{ "refuse", NULL, "refused", false },
	};
	static const struct phrase other = { "", NULL, NULL, true };

	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		if (strcmp(phrases[i].kind, kind) == 0)
			return &phrases[i];
	}
	return &other;
}

static const char *log_step_words(const struct history_step *s)
{
	const struct phrase *p = log_phrase(s->kind);
	const char *words = s->result == HISTORY_FAILED ? p->failed : p->done;

	return words ? words : s->kind;
}

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
		return !log_phrase(s->kind)->minor;
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
	buf_addf(b, "  %-11s %s%s", log_step_label(s), log_step_words(s),
		 s->name || s->release ? " " : "");
	log_add_subject(b, s);
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
	log_add_time(b, r->begun);
	if (v->states[i] == HISTORY_RUNNING) {
		buf_adds(b, ", still at work");
	} else if (r->ended < 0) {
		buf_adds(b, ", INTERRUPTED: it came to no end");
	} else {
		buf_adds(b, v->states[i] == HISTORY_STOPPED ? ", INTERRUPTED after " : ", ");
		log_add_duration(b, r->msec);
	}
	buf_adds(b, "\n  because of: ");
	log_add_cause(b, &r->cause);
	buf_addch(b, '\n');
	log_add_packages(b, &r->cause);
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
		buf_addf(b, "  %-11s %s%s", log_step_label(s), log_step_words(s),
			 s->name || s->release ? " " : "");
}

static void view_add_long_step(struct view *v, const struct history_run *r,
			       const struct history_step *s)
{
	struct buf *b = &v->out;
	const char *line;

	log_add_step_label(b, s);
	log_add_subject(b, s);
	if (s->msec >= 100) {
		buf_adds(b, ", ");
		log_add_duration(b, s->msec);
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
