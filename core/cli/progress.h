/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * progress - one live line while builds run, on terminals only:
 *
 *	Building 3 of 17, 0:42: evdi/1.12.0 for 6.1.0-56-amd64, jool/4.1.9 for 6.1.0-56-amd64
 *
 * The first number counts builds that have begun.  Call progress_hide() before printing anything
 * else; the next tick draws the line again.
 */
#include <stdio.h>

#include "run/run.h"

struct progress {
	FILE *out; /* NULL: not a terminal, nothing is shown */
	size_t total, begun;
	struct strv running; /* "NAME/VERSION for KERNEL" */
	uint64_t start;	     /* clock_msec() when the first build began; 0: none has */
	bool shown;
};
#define PROGRESS_INIT                 \
	{                             \
		.running = STRV_INIT, \
	}

/* Draw on the file `out` if it is a terminal that can erase a line (TERM is set and not "dumb"). */
void progress_open(struct progress *p, FILE *out, const struct plan *plan);
void progress_release(struct progress *p);
/* Call it for every event of a run_tell_fn.  RUN_TICK, which has no step, draws the line. */
void progress_step(struct progress *p, enum run_event event, const struct step *step);
void progress_hide(struct progress *p);
/*
 * Append the line to `b`: at most `width` bytes, without control characters.  `msec` is the time
 * since p->start.
 */
void progress_text(const struct progress *p, uint64_t msec, size_t width, struct buf *b);
