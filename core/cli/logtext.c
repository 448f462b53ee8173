/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/logtext.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/logwords.h"
#include "cli/report.h"
#include "cli/times.h"
#include "sys/fd.h"
#include "sys/fs.h"

/* Append all lines of the text; those after the first are indented. */
static void logtext_add_whole(struct buf *b, const char *text)
{
	AUTO_STRV struct strv lines = STRV_INIT;

	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		buf_adds(b, i ? "\n              " : "");
		text_add_visible(b, lines.v[i]);
	}
}

/* Append the first error line of the build; if there is none, the whole error. */
static void logtext_add_error(struct buf *b, const struct history_step *s)
{
	const char *text = s->lines.n ? s->lines.v[0] : s->error;

	if (!text)
		return;
	buf_adds(b, ": ");
	logtext_add_whole(b, text);
}

/* ---- the list ---- */

/* Is step i listed?  A build that succeeded is not, if its install follows in the same run. */
static bool logtext_is_listed(const struct history_run *r, size_t i)
{
	const struct history_step *s = &r->steps[i];

	if (s->result == HISTORY_FAILED)
		return true;
	if (s->result == HISTORY_NOT_DONE || s->result == HISTORY_UNCHANGED)
		return false;
	if (strcmp(s->kind, "build") != 0)
		return logwords_phrase(s->kind)->place == LOGWORDS_LISTED;
	for (size_t k = i + 1; k < r->n; k++) {
		const struct history_step *t = &r->steps[k];

		if (strcmp(t->kind, "install") == 0 && t->name && s->name &&
		    strcmp(t->name, s->name) == 0 && t->release && s->release &&
		    strcmp(t->release, s->release) == 0 && t->result != HISTORY_NOT_DONE)
			return false;
	}
	return true;
}

static const char *logtext_label(const struct history_step *s)
{
	return s->result == HISTORY_FAILED ? "FAILED:"
	       : s->result == HISTORY_TOLD ? "note:"
					   : "done:";
}

void logtext_add_short_step(struct buf *b, const struct history_cause *c,
			    const struct history_step *s)
{
	buf_addf(b, "  %-11s ", logtext_label(s));
	logwords_add_step(b, c, s);
	if (s->result == HISTORY_FAILED)
		logtext_add_error(b, s);
	else if (s->result == HISTORY_TOLD && s->reason) {
		buf_adds(b, ": ");
		text_add_visible(b, s->reason);
	}
	buf_addch(b, '\n');
}

void logtext_add_head(struct logtext *l, const struct history_run *r, enum history_state state)
{
	struct buf *b = &l->out;

	buf_adds(b, "run ");
	text_add_visible(b, r->id);
	buf_adds(b, ", ");
	times_add_date(b, r->begun);
	if (state == HISTORY_RUNNING) {
		buf_adds(b, ", still at work");
	} else if (state == HISTORY_REFUSED) {
		buf_adds(b, ", refused");
	} else if (r->ended < 0) {
		buf_adds(b, ", INTERRUPTED: it came to no end");
	} else {
		buf_adds(b, state == HISTORY_STOPPED ? ", INTERRUPTED after " : ", ");
		times_add_span(b, r->msec);
	}
	buf_adds(b, "\n  because of: ");
	logwords_add_cause(b, &r->cause);
	buf_addch(b, '\n');
	logwords_add_packages(b, &r->cause);
}

void logtext_add_run_error(struct buf *b, const struct history_run *r)
{
	if (!r->error)
		return;
	buf_adds(b, "  FAILED:     ");
	logtext_add_whole(b, r->error);
	buf_addch(b, '\n');
}

/* Is the step listed if the run has no other step to list? */
static bool logtext_can_be_listed(const struct logtext *l, const struct history_step *s)
{
	return s->result == HISTORY_DONE &&
	       (l->e->verbose || logwords_phrase(s->kind)->place != LOGWORDS_HIDDEN);
}

/*
 * Add the listed steps of a run; with `all`, also those of logtext_can_be_listed().  Returns how
 * many were added.
 */
static size_t logtext_add_short_steps(struct logtext *l, const struct history_run *r, bool all)
{
	size_t shown = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct history_step *s = &r->steps[i];

		if (!(logtext_is_listed(r, i) || (all && logtext_can_be_listed(l, s))) ||
		    !history_step_fits(s, l->filter))
			continue;
		logtext_add_short_step(&l->out, &r->cause, s);
		shown++;
	}
	return shown;
}

void logtext_add_short_run(struct logtext *l, const struct history_run *r, enum history_state state)
{
	size_t shown;

	buf_adds(&l->out, l->begun ? "\n" : "");
	l->begun = true;
	logtext_add_head(l, r, state);
	logtext_add_run_error(&l->out, r);
	shown = logtext_add_short_steps(l, r, false);
	if (!shown)
		shown = logtext_add_short_steps(l, r, true);
	if (!shown && !r->error && state == HISTORY_OK)
		buf_adds(&l->out, "  done:       nothing had to be changed\n");
}

/* ---- one run ---- */

enum log_fate { LOG_THERE, LOG_OF_LATER, LOG_GONE };

/*
 * What has become of the build's log?  The next build of the module package for this kernel
 * overwrites it, and the removal of the module package deletes it.
 */
static enum log_fate logtext_look(const struct logtext *l, const struct history_run *r,
				  const struct history_step *s)
{
	struct stat st;

	if (*s->log != '/' || fs_stat(&l->e->root, s->log, &st) < 0)
		return LOG_GONE;
	return st.st_mtime > (r->ended < 0 ? s->time : r->ended) + 1 ? LOG_OF_LATER : LOG_THERE;
}

static void logtext_add_build_log(struct logtext *l, const struct history_run *r,
				  const struct history_step *s)
{
	AUTO_FREE char *host = root_host_path(&l->e->root, s->log);
	static const char *const fates[] = {
		[LOG_THERE] = "",
		[LOG_OF_LATER] = " (of a later build by now)",
		[LOG_GONE] = " (it is not there any more)",
	};

	buf_adds(&l->out, "                whole log: ");
	text_add_visible(&l->out, host);
	buf_addf(&l->out, "%s\n", fates[logtext_look(l, r, s)]);
}

static void logtext_add_lines(struct buf *b, const char *text)
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

static void logtext_add_long_words(struct buf *b, const struct history_run *r,
				   const struct history_step *s)
{
	if (s->result != HISTORY_NOT_DONE && s->result != HISTORY_UNCHANGED) {
		buf_addf(b, "  %-11s ", logtext_label(s));
		logwords_add_step(b, &r->cause, s);
		return;
	}
	buf_addf(b, "  %-11s %s ",
		 s->result == HISTORY_NOT_DONE ? "not done:" : "unchanged:", s->kind);
	logwords_add_subject(b, s->name, s->version, s->release);
}

int logtext_flush(struct logtext *l)
{
	if (report_print(l->out.s) != 0)
		l->status = 1;
	buf_reset(&l->out);
	return l->status;
}

/*
 * Print the whole log, piece by piece, because it may be long.  A path outside of the dkms tree is
 * not from us, so no such file is read.
 */
static void logtext_print_file(struct logtext *l, const char *path)
{
	AUTO_FREE char *tree = xasprintf("%s/", l->e->dkms_tree);
	bool ours = str_begins(path, tree) && !strstr(path, "/../");
	AUTO_FD int fd = ours ? fs_open_file(&l->e->root, path, 0) : -ENOENT;
	char chunk[1 << 16];
	char last = '\n';
	ssize_t n;

	if (fd < 0) {
		buf_addf(&l->out, "                it cannot be read: %s\n", error_text(fd));
		return;
	}
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		/* A NUL would end the text. */
		for (ssize_t i = 0; i < n; i++)
			chunk[i] = chunk[i] ? chunk[i] : '?';
		buf_add(&l->out, chunk, (size_t)n);
		last = chunk[n - 1];
		if (last == '\n' && logtext_flush(l) != 0)
			return;
		/* Print before the line's end only if the line is longer than any should be. */
		if (l->out.len > (1 << 20) && logtext_flush(l) != 0)
			return;
	}
	if (last != '\n')
		buf_addch(&l->out, '\n');
}

/* That a build was not confined is said only with --verbose: it is so on many machines. */
static void logtext_add_confined(struct logtext *l, const struct history_step *s)
{
	if (!s->confined || (strcmp(s->confined, "none") == 0 && !l->e->verbose))
		return;
	buf_adds(&l->out, "                confined: ");
	text_add_visible(&l->out, s->confined);
	if (s->confined_why) {
		buf_adds(&l->out, " (");
		text_add_visible(&l->out, s->confined_why);
		buf_addch(&l->out, ')');
	}
	buf_addch(&l->out, '\n');
}

static void logtext_add_calls(struct logtext *l, const struct calls *c)
{
	if (!c->counted)
		return;
	buf_adds(&l->out, "                ");
	calls_print(c, &l->out);
	buf_addch(&l->out, '\n');
}

static void logtext_add_bundle(struct logtext *l, const struct history_step *s)
{
	if (!s->bundle)
		return;
	buf_adds(&l->out, "                fetched: ");
	text_add_visible(&l->out, s->bundle);
	buf_adds(&l->out, " from ");
	text_add_visible(&l->out, s->bundle_from ? s->bundle_from : "?");
	buf_adds(&l->out, ", signed by ");
	text_add_visible(&l->out, s->bundle_by ? s->bundle_by : "?");
	buf_addch(&l->out, '\n');
}

/*
 * Do the words of the step, or its error, say the reason?  The reason of a refusal is its error, and
 * the words of a request say when it is carried out.
 */
static bool logtext_has_reason(const struct history_step *s)
{
	return strcmp(s->kind, "refuse") == 0 ||
	       (strcmp(s->kind, "request") == 0 && s->result != HISTORY_FAILED);
}

static void logtext_add_long_step(struct logtext *l, const struct history_run *r,
				  const struct history_step *s)
{
	struct buf *b = &l->out;
	const char *line;

	logtext_add_long_words(b, r, s);
	if (s->msec >= 100) {
		buf_adds(b, ", ");
		times_add_span(b, s->msec);
	}
	if (s->reason && *s->reason && !logtext_has_reason(s)) {
		buf_adds(b, s->result == HISTORY_TOLD ? ": " : " (");
		text_add_visible(b, s->reason);
		buf_adds(b, s->result == HISTORY_TOLD ? "" : ")");
	}
	buf_addch(b, '\n');
	logtext_add_confined(l, s);
	logtext_add_calls(l, &s->calls);
	logtext_add_bundle(l, s);
	if (s->error)
		logtext_add_lines(b, s->error);
	STRV_FOREACH (line, &s->lines)
		logtext_add_lines(b, line);
	if (s->log && (s->result == HISTORY_FAILED || l->full || l->e->verbose))
		logtext_add_build_log(l, r, s);
	if (s->log && l->full && logtext_look(l, r, s) == LOG_THERE)
		logtext_print_file(l, s->log);
}

void logtext_add_long_run(struct logtext *l, const struct history_run *r, enum history_state state)
{

	buf_adds(&l->out, l->begun ? "\n" : "");
	l->begun = true;
	logtext_add_head(l, r, state);
	logtext_add_run_error(&l->out, r);
	for (size_t k = 0; k < r->n; k++) {
		if (history_step_fits(&r->steps[k], l->filter))
			logtext_add_long_step(l, r, &r->steps[k]);
	}
	if (r->ended >= 0)
		buf_addf(&l->out, "  exit status %d\n", r->status);
}
