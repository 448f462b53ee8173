/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/logfollow.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/util.h"
#include "cli/logtext.h"
#include "cli/report.h"
#include "cli/times.h"
#include "run/history.h"
#include "sys/fs.h"

enum { LOGFOLLOW_MSEC = 500 };

/* A run, and what has been printed of it. */
struct followed {
	char *id;
	bool ended;
	enum history_result *steps; /* [i]: printed result of step i + 1; HISTORY_RESULTS: none */
	size_t n;
};

struct follow {
	const struct engine *e;
	const struct history_filter *filter;
	struct followed *runs;
	size_t n;
	const char *last; /* id of the run that the last printed line is about; NULL: none yet */
	struct logtext text;
};

static struct followed *follow_find(struct follow *f, const char *id)
{
	for (size_t i = f->n; i-- > 0;) {
		if (strcmp(f->runs[i].id, id) == 0)
			return &f->runs[i];
	}
	return NULL;
}

static struct followed *follow_add(struct follow *f, const struct history_run *r)
{
	struct followed run = { .id = xstrdup(r->id) };

	VEC_PUSH(f->runs, f->n, run);
	return &f->runs[f->n - 1];
}

static bool follow_is_printed(const struct followed *run, const struct history_step *s)
{
	return s->number <= run->n && run->steps[s->number - 1] == s->result;
}

static void follow_note(struct followed *run, const struct history_step *s)
{
	while (run->n < s->number)
		VEC_PUSH(run->steps, run->n, HISTORY_RESULTS);
	run->steps[s->number - 1] = s->result;
}

/* Print the run's head before its lines, and again if lines of another run came between. */
static void follow_begin_lines(struct follow *f, const struct history_run *r,
			       const struct followed *run)
{
	if (f->last && strcmp(f->last, run->id) == 0)
		return;
	buf_adds(&f->text.out, f->last ? "\n" : "");
	logtext_add_head(&f->text, r, r->ended < 0 ? HISTORY_RUNNING : HISTORY_OK);
	f->last = run->id;
}

static void follow_add_steps(struct follow *f, const struct history_run *r, struct followed *run)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct history_step *s = &r->steps[i];

		if (follow_is_printed(run, s))
			continue;
		follow_note(run, s);
		if (s->result == HISTORY_UNCHANGED || !history_step_fits(s, f->filter))
			continue;
		follow_begin_lines(f, r, run);
		logtext_add_short_step(&f->text.out, &r->cause, s);
	}
}

static void follow_add_end(struct follow *f, const struct history_run *r, struct followed *run,
			   enum history_state state)
{
	struct buf *b = &f->text.out;

	run->ended = true;
	follow_begin_lines(f, r, run);
	logtext_add_run_error(b, r);
	if (r->ended < 0) {
		buf_adds(b, "  ended:      INTERRUPTED, it came to no end\n");
		return;
	}
	buf_addf(b, "  ended:      %sexit status %d, after ",
		 state == HISTORY_STOPPED ? "INTERRUPTED, " : "", r->status);
	times_add_span(b, r->msec);
	buf_addch(b, '\n');
}

static void follow_add_run(struct follow *f, const struct history_run *r, enum history_state state)
{
	struct followed *run = follow_find(f, r->id);

	if (!history_run_fits(r, f->filter, state) || (run && run->ended))
		return;
	if (!run)
		run = follow_add(f, r);
	follow_begin_lines(f, r, run);
	follow_add_steps(f, r, run);
	if (state != HISTORY_RUNNING)
		follow_add_end(f, r, run, state);
}

/* Print what is new.  Of the runs that fit, pass over all but the last `most`. */
static int follow_look(struct follow *f, size_t most, struct err *err)
{
	AUTO_HISTORY struct history h = HISTORY_INIT;
	size_t fitting = 0, old = 0;
	int r = history_load(f->e, &h, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < h.n; i++)
		fitting += history_run_fits(&h.runs[i], f->filter, history_state_now(&h.runs[i]));
	old = fitting > most ? fitting - most : 0;
	for (size_t i = h.n; i-- > 0;) {
		enum history_state state = history_state_now(&h.runs[i]);

		if (old && history_run_fits(&h.runs[i], f->filter, state)) {
			follow_add(f, &h.runs[i])->ended = true;
			old--;
			continue;
		}
		follow_add_run(f, &h.runs[i], state);
	}
	if (logtext_flush(&f->text) != 0 || fflush(stdout) != 0)
		f->text.status = 1;
	return 0;
}

static bool follow_has_open_run(const struct follow *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (!f->runs[i].ended)
			return true;
	}
	return false;
}

/* Wait a little.  Returns false if nobody reads our output any more. */
static bool follow_wait(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, LOGFOLLOW_MSEC) <= 0 || !(out.revents & (POLLERR | POLLHUP));
}

static bool follow_has_changed(const struct stat *a, const struct stat *b)
{
	return a->st_ino != b->st_ino || a->st_size != b->st_size ||
	       a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

static void follow_release(struct follow *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->runs[i].id);
		free(f->runs[i].steps);
	}
	free(f->runs);
	buf_release(&f->text.out);
}

int logfollow(const struct engine *e, const struct history_filter *filter, size_t most)
{
	CLEANUP(follow_release)
	struct follow f = { .e = e,
			    .filter = filter,
			    .text = { .e = e, .filter = filter, .out = BUF_INIT } };
	AUTO_FREE char *path = history_path(e);
	AUTO_ERR struct err err = ERR_INIT;
	struct stat before = { 0 };

	for (bool first = true;; first = false) {
		struct stat now = { 0 };

		if (fs_stat(&e->root, path, &now) < 0)
			now = (struct stat){ 0 };
		/* A run that is killed writes no last line: look whether open runs are alive. */
		if ((first || follow_has_changed(&now, &before) || follow_has_open_run(&f)) &&
		    follow_look(&f, first ? most : SIZE_MAX, &err) < 0)
			return report_error(&err);
		before = now;
		if (f.text.status || !follow_wait())
			return f.text.status;
	}
}
