/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * report - what people read.
 *
 * Progress goes to standard output, errors ("Error! ..." after an empty
 * line) and "Warning: ..." to standard error, as DKMS does it.  Lines are
 * written whole and at once, because a package manager or a worker may write beside us.  All text
 * is made visible here (text.h): names, error lines and outputs of others may be in it.
 */
#include "base/error.h"
#include "cli/progress.h"
#include "model/goal.h"
#include "run/run.h"

/* The log sink; data is a struct report *. */
struct report {
	const struct engine *e;	   /* for hints; NULL before there is one */
	struct strv hinted;	   /* kernels whose headers were asked for */
	const struct world *world; /* what the plan was made of, for hints; or NULL */
	enum goal_verb verb;	   /* what a person asked for; counts without event */
	struct strv warned;	   /* a warning is not said twice */
	struct strv refused;	   /* why, where that is long */
	bool document;		   /* standard output is for a JSON document alone */
	bool event;		   /* a summary only: for package managers */
	bool told_later;	   /* what has been so before: another event will tell it */
	size_t built, installed, removed, failed; /* of this run */
	struct progress progress;
};
#define REPORT_INIT                                                             \
	{                                                                       \
		.hinted = STRV_INIT, .warned = STRV_INIT, .refused = STRV_INIT, \
		.progress = PROGRESS_INIT                                       \
	}
/* From now on r is where lines go; report_close() frees what it has, lines go on without it. */
void report_open(struct report *r);
void report_close(struct report *r);
void report_error(const struct err *err);
/*
 * The one way to standard output for what a verb prints, lines or a document: no character of it
 * moves a cursor or hides another one.  1 when it cannot be written, else 0.
 */
int report_print(const char *text);
/* run_tell_fn; data is a struct report *. */
void report_step(enum run_event event, const struct step *step, const struct run_step *result,
		 void *data);
/* Say what a step that only tells says. */
void report_note(struct report *r, const struct step *step);
/*
 * The last lines of a command: for autoinstall DKMS's summary; after a failure the command that
 * tells more, if logged: "dkms log" knows the run.
 */
void report_end(const struct report *r, const struct run *run, bool logged);
