/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/util.h"
#include "cli/logwords.h"
#include "sys/clock.h"

#define WIDTH 80 /* columns of a terminal that does not report its width */
/*
 * The cursor rests in the first column of the live line.  A terminal that gets narrower may break
 * the line into several.  The cursor is then in the first of them, so this erases all of them.
 */
#define ERASE "\r\033[J"

static bool terminal_can_erase(FILE *out)
{
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && term && *term && strcmp(term, "dumb") != 0;
}

void progress_open(struct progress *p, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		p->total += plan->steps[i].kind == STEP_BUILD;
}

void progress_draw_on(struct progress *p, FILE *out)
{
	p->out = terminal_can_erase(out) ? out : NULL;
}

void progress_release(struct progress *p)
{
	progress_hide(p);
	strv_release(&p->running);
}

static size_t terminal_width(FILE *out)
{
	struct winsize w;

	if (ioctl(fileno(out), TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return WIDTH;
	return w.ws_col;
}

void progress_text(const struct progress *p, uint64_t msec, size_t width, struct buf *b)
{
	uint64_t s = msec / 1000;
	size_t start = b->len;

	buf_addf(b, "%zu of %zu done", p->done, p->total);
	if (p->failed)
		buf_addf(b, " (%zu failed)", p->failed);
	buf_addf(b, ", %zu running, %" PRIu64 ":%02" PRIu64, p->running.n, s / 60, s % 60);
	for (size_t i = 0; i < p->running.n; i++) {
		buf_adds(b, i ? ", " : ": ");
		text_add_visible(b, p->running.v[i]);
	}
	if (b->len - start <= width)
		return;
	/* Do not cut within a UTF-8 character. */
	while (width && ((unsigned char)b->s[start + width] & 0xc0) == 0x80)
		width--;
	buf_truncate(b, start + width);
}

static void progress_draw(struct progress *p)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (!p->out || !p->running.n)
		return;
	buf_adds(&b, ERASE);
	/* Some terminals wrap when the last column is written: leave it free. */
	progress_text(p, clock_msec() - p->start, terminal_width(p->out) - 1, &b);
	buf_addch(&b, '\r');
	fputs(b.s, p->out);
	fflush(p->out);
	p->shown = true;
}

void progress_hide(struct progress *p)
{
	p->spoke = clock_msec();
	if (!p->shown)
		return;
	fputs(ERASE, p->out);
	fflush(p->out);
	p->shown = false;
}

bool progress_is_due(const struct progress *p, uint64_t now)
{
	return !p->out && (p->running.n || p->doing) && now - p->spoke >= PROGRESS_SILENCE;
}

void progress_message(const struct progress *p, uint64_t now, struct buf *b)
{
	const struct step *s = p->doing;
	uint64_t seconds = (now - p->since) / 1000;

	if (p->running.n) {
		progress_text(p, now - p->start, SIZE_MAX, b);
		return;
	}
	buf_addf(b, "still at work, %" PRIu64 ":%02" PRIu64 ": %s ", seconds / 60, seconds % 60,
		 step_class(s->kind)->name);
	logwords_add_subject(b, s->id.name, s->id.version, s->release);
}

static void progress_begin(struct progress *p, char *what)
{
	if (!p->start)
		p->start = clock_msec();
	strv_take(&p->running, what);
}

/* Count the build as done.  One that failed before it could begin is not in p->running. */
static void progress_end(struct progress *p, const char *what, const struct run_step *result)
{
	p->done++;
	p->failed += result->state == RUN_FAILED;
	for (size_t i = 0; i < p->running.n; i++) {
		if (strcmp(p->running.v[i], what) == 0) {
			strv_remove(&p->running, i);
			return;
		}
	}
}

void progress_step(struct progress *p, enum run_event event, const struct step *step,
		   const struct run_step *result)
{
	AUTO_FREE char *what = NULL;

	if (event == RUN_TICK) {
		progress_draw(p);
		return;
	}
	if (step->kind != STEP_BUILD) {
		p->doing = event == RUN_BEGIN ? step : NULL;
		p->since = clock_msec();
		return;
	}
	what = xasprintf("%s/%s for %s", step->id.name, step->id.version, step->release);
	if (event == RUN_BEGIN)
		progress_begin(p, TAKE(what));
	else
		progress_end(p, what, result);
	if (!p->running.n)
		progress_hide(p);
}
