/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * logtext - runs of the history as text: a few lines in a list, or all of a run.
 *
 *	struct logtext l = { .e = e, .filter = &filter, .out = BUF_INIT };
 *	logtext_add_short_run(&l, run, state);
 *	status = logtext_flush(&l);
 */
#include "engine/engine.h"
#include "model/history.h"

struct logtext {
	const struct engine *e;
	const struct history_filter *filter; /* only steps that fit it are added */
	bool full;			     /* print the logs of builds, too */
	bool begun; /* a run has been added, so an empty line comes before the next one */
	struct buf out;
	int status; /* 1: the output cannot be written */
};

/* Print what has been added.  Returns l->status. */
int logtext_flush(struct logtext *l);
/* When the run was, and who or what asked for it. */
void logtext_add_head(struct logtext *l, const struct history_run *r, enum history_state state);
/* Why the run could not be carried out; nothing if it could. */
void logtext_add_run_error(struct buf *b, const struct history_run *r);
/* A line for a step, and more if its error has several lines. */
void logtext_add_short_step(struct buf *b, const struct history_cause *c,
			    const struct history_step *s);
/* A run in the list: what was installed, taken away, or failed. */
void logtext_add_short_run(struct logtext *l, const struct history_run *r,
			   enum history_state state);
/* All of a run.  With l->full, print the logs of builds at once, after what has been added. */
void logtext_add_long_run(struct logtext *l, const struct history_run *r, enum history_state state);
