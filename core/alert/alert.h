/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alert - tell those who look at no terminal that a module package does not build.
 *
 * At the end of a run, what changed in the standing record (struct failure) goes to
 *
 *	the journal		a message with fields for each failure, and for each that is mended
 *	on_failure		the admin's command, once a run, for failures that are new
 *
 * and how everything stands now (decide/standing.h) to
 *
 *	motd			what everybody sees who logs in (motd.h)
 *	textfile		figures for Prometheus (textfile.h)
 *	dkms-check.service	the unit that failed at boot is started again once nothing is missing
 *
 * Nothing is told in the middle of a package manager's work: the settled event that follows tells
 * what is true then.  Nothing is told about another root: this machine's people have no part in
 * it.  No alert fails a run, and none waits, but for on_failure, which has a time limit.
 */
#include "alert/missing.h"
#include "run/run.h"

/*
 * Call it when the run has ended and its history is written.  With `whole`, the survey and the plan
 * of the run are those of an event about everything, and nothing had to be done: they tell how
 * everything stands.  Otherwise the machine is looked at again.
 */
void alert_run(struct engine *e, const struct run *r, bool whole);
/*
 * Remember that dkms-check.service found something missing for this kernel.  An error goes to the
 * debug log: the unit stays failed until somebody starts it.
 */
void alert_note_missing(const struct engine *e, const char *release);
/* What the kernel lacks, by the settings critical_modules and boot_check (missing.h). */
void alert_find_missing(const struct engine *e, const struct world *w, const struct standings *l,
			const char *release, struct missing_list *ret);

/* ---- for the files of this room ---- */

/* What a run changed.  Pointers belong to the two ledgers. */
struct alert_changes {
	const struct failure **failed; /* the run tried to build them */
	size_t n_failed;
	const struct failure **fresh; /* those of them that fail for a new reason, or are new */
	size_t n_fresh;
	const struct failure **mended; /* failed before; now a version of the name is built */
	size_t n_mended;
};
void alert_changes_release(struct alert_changes *c);
/* Compare the record before and after the run.  Pure, but for what `r` says of its steps. */
void alert_compare(const struct run *r, const struct failures *before, const struct failures *after,
		   struct alert_changes *ret);

/* "hello/1.3 does not build for K: hello.c:1: error: ...", visible text. */
void alert_add_sentence(struct buf *b, const struct failure *f);
void alert_journal(const struct engine *e, const struct alert_changes *c);
void alert_on_failure(struct engine *e, const struct alert_changes *c);
/* Write or remove the motd, write the textfile. */
void alert_files(const struct engine *e, const struct standings *l);
/* Start dkms-check.service again if it has failed and nothing is missing any more. */
void alert_settle_unit(const struct engine *e, const struct world *w, const struct standings *l);
