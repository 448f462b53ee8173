/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "decide/holdtext.h"
#include "cli/logwords.h"
#include "cli/meant.h"
#include "cli/times.h"
#include "cli/table.h"
#include "engine/treepath.h"
#include "kernel/headershint.h"
#include "sys/clock.h"
#include "sys/fs.h"
#include "sys/signals.h"

/* Write the message in one piece: workers and package managers write to the same terminal. */
static void report_write(FILE *f, const char *prefix, const char *text)
{
	AUTO_BUF struct buf whole = BUF_INIT;

	buf_adds(&whole, prefix);
	text_add_lines(&whole, text);
	buf_addch(&whole, '\n');
	fputs(whole.s, f);
	fflush(f);
}

int report_print(const char *text)
{
	AUTO_BUF struct buf visible = BUF_INIT;

	text_add_lines(&visible, text);
	return fputs(visible.s, stdout) < 0 ? 1 : 0;
}

/* The escape sequence of a tint: the colours that systemctl uses. */
static const char *report_tint(enum table_tint tint)
{
	static const char *const codes[] = {
		[TINT_NONE] = "\033[0m",    [TINT_HEAD] = "\033[4m",   [TINT_GOOD] = "\033[1;32m",
		[TINT_WARN] = "\033[1;33m", [TINT_BAD] = "\033[1;31m", [TINT_DIM] = "\033[2m",
	};

	return codes[tint];
}

int report_print_tinted(const char *text, bool color)
{
	AUTO_BUF struct buf out = BUF_INIT;

	while (*text) {
		size_t n = strcspn(text, TABLE_MARKS);
		AUTO_FREE char *part = xstrndup(text, n);

		text_add_lines(&out, part);
		text += n;
		if (*text && color)
			buf_adds(&out, report_tint((enum table_tint)(*text - TABLE_MARK)));
		text += *text != '\0';
	}
	return fputs(out.s, stdout) < 0 ? 1 : 0;
}

static void report_warn_once(struct report *r, const char *text)
{
	if (r && strv_has(&r->warned, text))
		return;
	if (r)
		strv_add(&r->warned, text);
	report_write(stderr, "Warning: ", text);
}

static void report_sink(enum log_level level, const char *text, void *data)
{
	struct report *r = data;

	if (r)
		progress_hide(&r->progress);
	switch (level) {
	case LOG_ERROR: report_write(stderr, "\nError! ", text); break;
	case LOG_WARNING: report_warn_once(r, text); break;
	case LOG_DEBUG: report_write(stderr, "debug: ", text); break;
	default: report_write(r && r->document ? stderr : stdout, "", text);
	}
}

void report_open(struct report *r)
{
	log_set_sink(report_sink, r);
}

void report_close(struct report *r)
{
	log_set_sink(report_sink, NULL);
	progress_release(&r->progress);
	strv_release(&r->hinted);
	strv_release(&r->warned);
	strv_release(&r->refused);
}

int report_error(const struct err *err)
{
	if (err->code == -E_INTERRUPTED) {
		report_interrupted(NULL);
		return err_status(err);
	}
	log_msg(LOG_ERROR, "%s", err->text ? err->text : error_text(err->code));
	return err_status(err);
}

/* ---- steps ---- */

/* "v4l2loopback/0.12.7 for 6.1.0-56-amd64 (x86_64)" */
static char *report_subject(const struct step *s)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (s->id.name)
		buf_addf(&b, "%s/%s", s->id.name, s->id.version);
	if (s->release)
		buf_addf(&b, "%s%s (%s)", s->id.name ? " for " : "", s->release,
			 s->arch ? s->arch : "");
	return buf_detach(&b);
}

/* Does the step cancel a pending removal, because a person's command asks for something else? */
static bool report_calls_off_removal(const struct report *r, const struct step *s)
{
	return s->kind == STEP_SETTLE && !r->event && r->verb != GOAL_REMOVE;
}

/* If a STEP_UNREGISTER deletes tarballs, words that say so; else "".  Caller frees. */
static char *report_tarballs(const struct engine *e, const struct step *s)
{
	AUTO_STRV struct strv names = STRV_INIT;
	AUTO_FREE char *dir = NULL;

	if (!e || s->kind != STEP_UNREGISTER)
		return xstrdup("");
	dir = tree_tarball_dir(e, s->id.name, s->id.version);
	if (fs_list(&e->root, dir, &names) < 0 || !names.n)
		return xstrdup("");
	return xasprintf(", and with it what lies in %s", dir);
}

static void report_step_begin(const struct report *r, const struct step *s, const char *what)
{
	const struct step_class *class = step_class(s->kind);
	AUTO_FREE char *more = report_tarballs(r->e, s);

	if (report_calls_off_removal(r, s)) {
		log_note("The removal of %s, which waited, is called off: %s.", what, s->reason);
		return;
	}
	if (s->kind == STEP_REQUEST)
		log_note("%s will be %s when the packages are done.", what,
			 s->request == REQUEST_REMOVE ? "removed" : "added");
	else if (!class->doing)
		log_info("%s %s: %s", class->name, what, s->reason);
	else if (s->kind == STEP_BUILD)
		log_note("%s %s: %s.", class->doing, what, s->reason);
	else
		log_note("%s %s%s%s.", class->doing, what, class->doing_what, more);
}

/* Write the error, the first error lines of a build and the path of its log, as one message. */
static void report_step_failed(const struct run_step *result, const char *what)
{
	const struct build_result *b = &result->build;
	AUTO_BUF struct buf text = BUF_INIT;

	/* Builds run side by side, so the message begins with the name. */
	buf_addf(&text, "%s%s%s", what, *what ? ": " : "",
		 result->err.text ? result->err.text : error_text(result->err.code));
	/* Leave out lines that the error's text has already. */
	for (size_t i = 0; i < b->lines.n; i++) {
		if (!strstr(text.s, b->lines.v[i]))
			buf_addf(&text, "\n  %s", b->lines.v[i]);
	}
	if (b->log)
		buf_addf(&text, "\nThe whole log: %s", b->log);
	log_msg(LOG_ERROR, "%s", text.s);
}

/*
 * Write one line with the installed files.  The first file has its whole path.  Other files in the
 * same folder (usually all) are named without the folder.
 */
static void report_installed_files(const struct strv *paths)
{
	const char *slash = paths->n ? strrchr(paths->v[0], '/') : NULL;
	AUTO_BUF struct buf b = BUF_INIT;
	const char *path;

	if (!slash)
		return;
	STRV_FOREACH (path, paths) {
		size_t n = (size_t)(slash - paths->v[0]) + 1;
		bool same = strncmp(path, paths->v[0], n) == 0 && !strchr(path + n, '/');

		buf_addf(&b, " %s", same && path != paths->v[0] ? path + n : path);
	}
	log_note("Installed:%s", b.s);
}

/* "built hello/1.0 for 6.1.0-56-amd64 (3 of 12, 15 s; compiled 4, replayed 0)" */
static void report_built(const struct report *r, const struct step *s,
			 const struct run_step *result)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_addf(&b, "built %s/%s for %s (", s->id.name, s->id.version, s->release);
	if (r->progress.total)
		buf_addf(&b, "%zu of %zu, ", r->progress.done, r->progress.total);
	times_add_span(&b, (int64_t)result->msec);
	if (result->build.calls.compiled || result->build.calls.replayed) {
		buf_adds(&b, "; ");
		calls_print(&result->build.calls, &b);
	}
	log_note("%s)", b.s);
}

/* Say which hold the step has set or lifted, and which command a person may want next. */
static void report_hold(const struct report *r, const struct step *s)
{
	struct hold h = { s->hold, s->id.name, s->id.version, s->release, s->arch, s->seen };
	AUTO_BUF struct buf text = BUF_INIT;

	if (s->kind == STEP_HOLD) {
		hold_add_text(&h, &text);
		buf_adds(&text, "; no event changes that. To lift this hold: ");
		hold_add_cure(&h, &text);
	} else {
		buf_addf(&text, "The hold on %s%s%s is lifted", s->id.name,
			 s->release ? " for " : "", s->release ? s->release : "");
		if (r->event)
			buf_addf(&text, ": %s.", s->reason);
		else if (r->verb != GOAL_UNHOLD)
			buf_adds(&text, ".");
		else if (s->hold == HOLD_VERSION)
			buf_adds(&text, "; the next event brings what is newest, or now: dkms "
					"autoinstall");
		else
			buf_addf(&text, "; to have it now: dkms install %s/%s", s->id.name,
				 s->id.version);
		if (!r->event && r->verb == GOAL_UNHOLD && s->release)
			buf_addf(&text, " -k %s", s->release);
	}
	log_note("%s", text.s);
}

/*
 * Should a person be told of the hold that the step has set or lifted?  Nobody is told if an event
 * sets it, because an event only updates a hold that is there.  Nobody is told if `dkms remove`
 * lifts it, because it removes what was held.
 */
static bool report_tells_hold(const struct report *r, const struct step *s)
{
	return s->kind == STEP_HOLD
		       ? !r->event
		       : s->kind == STEP_UNHOLD && (r->event || r->verb != GOAL_REMOVE);
}

static void report_step_end(const struct report *r, const struct step *s,
			    const struct run_step *result, const char *what)
{
	for (size_t i = 0; i < result->warnings.n; i++)
		log_warning("%s", result->warnings.v[i]);
	/* An interruption is reported once, by the last line. */
	if (result->err.code == -E_INTERRUPTED)
		return;
	if (result->state == RUN_FAILED) {
		report_step_failed(result, what);
		return;
	}
	if (s->kind == STEP_BUILD && result->state == RUN_DONE)
		report_built(r, s, result);
	if (s->kind == STEP_BUILD && result->state == RUN_UNCHANGED)
		log_note("%s was built meanwhile by another dkms.", what);
	if (s->kind == STEP_INSTALL && result->state == RUN_DONE)
		report_installed_files(&result->change.paths);
	if (s->kind == STEP_INSTALL && result->state == RUN_UNCHANGED)
		log_note("%s is unchanged: what was built is what is installed.", what);
	if (result->state == RUN_DONE && report_tells_hold(r, s))
		report_hold(r, s);
}

/*
 * The other kernels for which the module package is built (for the verb uninstall: installed), e.g.
 * "K1 (A1), K2 (A2)".  Caller frees.
 */
static char *report_other_kernels(const struct report *r, const struct step *s)
{
	AUTO_STRV struct strv kernels = STRV_INIT;

	for (size_t i = 0; i < r->world->n_builds; i++) {
		const struct world_build *b = &r->world->builds[i];

		if (modid_equal(&b->id, &s->id) && (b->installed || r->verb != GOAL_UNINSTALL) &&
		    (strcmp(b->release, s->release) != 0 || strcmp(b->arch, s->arch) != 0))
			strv_addf(&kernels, "%s (%s)", b->release, b->arch);
	}
	return strv_join(&kernels, ", ");
}

/*
 * A hint for a removal that finds nothing for its kernel, often because -k is missing; or "".
 * Caller frees.
 */
static char *report_elsewhere(const struct report *r, const struct step *s)
{
	AUTO_FREE char *kernels = NULL;

	if (r->event || !r->world || !s->release || !s->id.name ||
	    (r->verb != GOAL_REMOVE && r->verb != GOAL_UNBUILD && r->verb != GOAL_UNINSTALL))
		return xstrdup("");
	kernels = report_other_kernels(r, s);
	if (!*kernels)
		return xstrdup("");
	return xasprintf(".\nIt is %s for %s; -k names a kernel, --all means all of them",
			 r->verb == GOAL_UNINSTALL ? "installed" : "built", kernels);
}

/* Words to put after the reason of a refusal: what may have been meant, or "".  Caller frees. */
static char *report_meant(const struct report *r, const struct step *s)
{
	if (s->code == -E_NO_SOURCE && s->id.version)
		return meant_source(r->e, &s->id);
	if (s->code == -E_NO_HEADERS && r->world && s->release &&
	    !world_kernel_is_here(world_kernel(r->world, s->release)))
		return meant_kernel(r->e);
	return xstrdup("");
}

/*
 * As report_meant(), but once for each kernel that is here without its headers: "\nIts headers are
 * in the package ...".  Caller frees.
 */
static char *report_headers_hint(struct report *r, const struct step *s)
{
	AUTO_FREE char *text = NULL;

	if (s->code != -E_NO_HEADERS || !s->release || strv_has(&r->hinted, s->release))
		return report_meant(r, s);
	if (r->world && !world_kernel_is_here(world_kernel(r->world, s->release)))
		return report_meant(r, s);
	strv_add(&r->hinted, s->release);
	text = headers_hint(r->e, s->release);
	return text ? xasprintf("\n%s", text) : xstrdup("");
}

/* Was this reason printed before?  If not, remember it.  Reasons of one line are not remembered. */
static bool report_was_refused(struct report *r, const struct step *s)
{
	if (!strchr(s->reason, '\n'))
		return false;
	if (strv_has(&r->refused, s->reason))
		return true;
	strv_add(&r->refused, s->reason);
	return false;
}

/*
 * In an event, a telling step is shown only with --verbose if an earlier event has reported it (no
 * news), or if its tone is TONE_INFO.  Errors are always shown.
 */
void report_note(struct report *r, const struct step *s)
{
	AUTO_FREE char *what = report_subject(s);
	AUTO_FREE char *more =
		s->kind == STEP_SKIP ? report_elsewhere(r, s) : report_headers_hint(r, s);
	bool quiet = r->event && !s->news;

	switch (step_class(s->kind)->tone) {
	case TONE_ERROR:
		log_msg(s->code == -E_EXCLUDED ? LOG_WARNING : LOG_ERROR, "%s: %s%s", what,
			report_was_refused(r, s) ? "the same." : s->reason, more);
		break;
	case TONE_NOTE:
		log_msg(quiet ? LOG_INFO : LOG_NOTE, "%s%s%s%s.", what, *what ? ": " : "",
			s->reason, more);
		break;
	case TONE_WARN:
		log_msg(quiet || r->told_later ? LOG_INFO : LOG_WARNING, "%s: %s.", what,
			s->reason);
		break;
	case TONE_WAITS:
		log_msg(quiet ? LOG_INFO : LOG_NOTE, "%s waits: %s.", what, s->reason);
		break;
	default: log_msg(r->event ? LOG_INFO : LOG_NOTE, "%s: %s.", what, s->reason);
	}
}

void report_tick(void *report)
{
	struct report *r = report;
	AUTO_BUF struct buf b = BUF_INIT;
	uint64_t now = clock_msec();

	if (!progress_is_due(&r->progress, now))
		return;
	progress_message(&r->progress, now, &b);
	log_note("%s", b.s);
}

void report_step(enum run_event event, const struct step *step, const struct run_step *result,
		 void *data)
{
	struct report *r = data;
	AUTO_FREE char *what = NULL;

	progress_step(&r->progress, event, step, result);
	if (event == RUN_TICK) {
		report_tick(r);
		return;
	}
	what = report_subject(step);
	if (!step_acts(step->kind) && result->state != RUN_FAILED) {
		report_note(r, step);
	} else if (event == RUN_BEGIN) {
		report_step_begin(r, step, what);
	} else {
		report_step_end(r, step, result, what);
		r->failed |= result->state == RUN_FAILED;
	}
}

/* ---- the end ---- */

/* Append what the run has changed: "added hello/1.0, built hello/1.0 for 6.1.0-56-amd64". */
static void report_add_done(const struct run *run, struct buf *ret)
{
	for (size_t i = 0; i < run->p->n; i++) {
		const struct step *s = &run->p->steps[i];
		const struct logwords_phrase *p = logwords_phrase(step_class(s->kind)->name);

		if (!step_acts(s->kind) || p->place == LOGWORDS_HIDDEN || !p->done ||
		    run->steps[i].state != RUN_DONE)
			continue;
		buf_addf(ret, "%s%s ", ret->len ? ", " : "", p->done);
		logwords_add_subject(ret, s->id.name, s->id.version, s->release);
		buf_adds(ret, p->after ? p->after : "");
	}
}

void report_interrupted(const struct run *run)
{
	AUTO_BUF struct buf done = BUF_INIT, line = BUF_INIT;

	if (run)
		report_add_done(run, &done);
	if (done.len)
		buf_addf(&line, "Interrupted; this was done before: %s.", done.s);
	else
		buf_adds(&line, "Interrupted; nothing changed.");
	report_write(stderr, "", line.s);
}

/*
 * Append " NAME/VERSION" to `ok` if the step installed it or found it installed already, and to
 * `bad` if the step failed or is a refusal.  A fallback that was not needed is not appended,
 * because nobody asked for it.
 */
static void report_add_outcome(const struct step *s, const struct run_step *result, struct buf *ok,
			       struct buf *bad)
{
	if (s->kind == STEP_INSTALL &&
	    (result->state == RUN_DONE || (result->state == RUN_UNCHANGED && !s->fallback)))
		buf_addf(ok, " %s/%s", s->id.name, s->id.version);
	else if (s->kind == STEP_REFUSE && s->id.name)
		buf_addf(bad, " %s/%s", s->id.name, s->id.version);
	else if (result->state == RUN_FAILED && s->id.name)
		buf_addf(bad, " %s/%s", s->id.name, s->id.version);
}

bool report_same_kernel(const struct step *a, const struct step *b)
{
	return a->release && b->release ? strcmp(a->release, b->release) == 0
					: a->release == b->release;
}

/* Write one line for what was installed for a kernel, and one for what failed. */
static void report_kernel_outcome(const struct run *run, const struct step *kernel)
{
	AUTO_BUF struct buf ok = BUF_INIT, bad = BUF_INIT;
	const char *where = kernel->release ? kernel->release : "all kernels";

	for (size_t i = 0; i < run->p->n; i++) {
		if (report_same_kernel(&run->p->steps[i], kernel))
			report_add_outcome(&run->p->steps[i], &run->steps[i], &ok, &bad);
	}
	if (ok.len)
		log_note("dkms: installed for %s:%s", where, ok.s);
	if (bad.len)
		log_warning("dkms: failed for %s:%s", where, bad.s);
}

bool report_is_first_of_kernel(const struct run *run, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (report_same_kernel(&run->p->steps[k], &run->p->steps[i]))
			return false;
	}
	return true;
}

void report_end(const struct report *r, const struct run *run, bool logged)
{
	if (signals_interrupted()) {
		report_interrupted(run);
		return;
	}
	for (size_t i = 0; run->p->autoinstall && i < run->p->n; i++) {
		if (report_is_first_of_kernel(run, i))
			report_kernel_outcome(run, &run->p->steps[i]);
	}
	/* The history has more about a failure.  About a refusal it has only what was printed. */
	if (logged && r->failed)
		report_write(stderr, "To see what was done: dkms log ", run->e->run_id);
}
