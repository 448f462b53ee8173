/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * progress - one live line while builds run, on a terminal only:
 *
 *	Building 3 of 17, 0:42: evdi/1.12.0 for 6.1.0-56-amd64, jool/4.1.9 for 6.1.0-56-amd64
 *
 * The first number counts builds that have begun.  What else is printed meanwhile takes
 * the line away first (progress_hide); the next tick brings it back.
 */
#include <stdio.h>

#include "run/run.h"

struct progress {
	FILE *out; /* NULL: no terminal, nothing is ever shown */
	size_t total, begun;
	struct strv running; /* "NAME/VERSION for KERNEL" */
	uint64_t start;	     /* milliseconds, monotonic; 0: no build has begun */
	bool shown;
};
#define PROGRESS_INIT                 \
	{                             \
		.running = STRV_INIT, \
	}

/* out is shown on if it is a terminal that can go back to the start of a line. */
void progress_open(struct progress *p, FILE *out, const struct plan *plan);
void progress_release(struct progress *p);
/* run_tell_fn's events; RUN_TICK draws. */
void progress_step(struct progress *p, enum run_event event, const struct step *step);
void progress_hide(struct progress *p);
/* The line, at most width columns, without control characters. */
void progress_text(const struct progress *p, uint64_t msec, size_t width, struct buf *b);
