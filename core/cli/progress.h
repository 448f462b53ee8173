/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * progress - how far the builds of a run are.  On a terminal, one live line tells it:
 *
 *	3 of 17 done, 2 running, 0:42: evdi/1.12.0 for 6.1.0-56-amd64, jool/4.1.9 for 6.1.0-56-amd64
 *
 * Where that line cannot be drawn (a pipe, a package manager, TERM=dumb), the same text is due as a
 * message whenever nothing was printed for PROGRESS_SILENCE.  If no build is running, but e.g. a
 * depmod or an initramfs takes that long, this message is due instead:
 *
 *	still at work, 0:42: initramfs 6.1.0-56-amd64
 *
 * Call progress_hide() before printing anything else; the next tick draws the line again.
 */
#include <stdio.h>

#include "run/run.h"

#define PROGRESS_SILENCE 25000 /* milliseconds; a tick comes each second, so nobody waits 30 s */

struct progress {
	FILE *out; /* NULL: no live line */
	size_t total, done, failed;
	struct strv running;	  /* the running builds: "NAME/VERSION for KERNEL" */
	const struct step *doing; /* the running step that is no build; NULL: none */
	uint64_t start;		  /* clock_msec() when the first build began; 0: none has */
	uint64_t spoke;		  /* clock_msec() when something was printed last */
	uint64_t since;		  /* clock_msec() when `doing` began */
	bool shown;
};
#define PROGRESS_INIT                 \
	{                             \
		.running = STRV_INIT, \
	}

/* Count the builds of the plan. */
void progress_open(struct progress *p, const struct plan *plan);
/* Draw the live line on `out`, if that is a terminal that can erase it (TERM is not "dumb"). */
void progress_draw_on(struct progress *p, FILE *out);
void progress_release(struct progress *p);
/*
 * A run_tell_fn has to call this with each event that it gets.  RUN_TICK, which has no step, draws
 * the live line.
 */
void progress_step(struct progress *p, enum run_event event, const struct step *step,
		   const struct run_step *result);
/* Is a message due at the time `now` (clock_msec())? */
bool progress_is_due(const struct progress *p, uint64_t now);
/* Erase the live line, and note that something is printed now. */
void progress_hide(struct progress *p);
/*
 * Append the text of the live line to `b`: at most `width` bytes, without control characters.
 * `msec` is the time since p->start.
 */
void progress_text(const struct progress *p, uint64_t msec, size_t width, struct buf *b);
/* Append the message that is due at the time `now`. */
void progress_message(const struct progress *p, uint64_t now, struct buf *b);
