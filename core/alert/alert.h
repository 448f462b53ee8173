/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * alert - tell people who look at no terminal that a module package does not build.
 *
 * At the end of a run, what the run changed in the recorded failures (struct failure) goes to
 *
 *	the journal		a message for each build that failed, and for each that works again
 *	on_failure		the admin's command, run once for all failures with a new reason
 *
 * and how everything stands now (decide/standing.h) goes to
 *
 *	motd			what people see when they log in (motd.h)
 *	textfile		figures for Prometheus (textfile.h)
 *	dkms-check.service	a unit that failed at boot; started again once nothing is missing
 *
 * In the middle of a package manager's work there are no alerts: the settled event that follows
 * tells what is true then.  There are no alerts about another root, either: they would reach people
 * on this machine.  No alert makes a run fail.  Only on_failure may take long; it has a time limit.
 */
#include "alert/missing.h"
#include "run/run.h"

/*
 * Call it when the run has ended and its history is written.  With `whole`, the run's survey and
 * plan were about the whole machine, and the plan changed nothing.  So they still tell how
 * everything stands.  Without `whole`, the machine is looked at again.
 */
void alert_run(struct engine *e, const struct run *r, bool whole);
/*
 * Remember that dkms-check.service found something missing for this kernel.  If that fails, the
 * debug log says so, and the unit stays failed until somebody starts it.
 */
void alert_note_missing(const struct engine *e, const char *release);
/* Find what the kernel lacks, as the settings critical_modules and boot_check tell (missing.h). */
void alert_find_missing(const struct engine *e, const struct world *w, const struct standings *l,
			const char *release, struct missing_list *ret);

/* ---- for the files of this room ---- */

/* What a run changed.  The failures belong to the ledgers that were compared. */
struct alert_changes {
	const struct failure **failed; /* those that the run has recorded */
	size_t n_failed;
	const struct failure **fresh; /* those of `failed` that are new, or have a new reason */
	size_t n_fresh;
	const struct failure **mended; /* failed before, but the run built them, in any version */
	size_t n_mended;
};
void alert_changes_release(struct alert_changes *c);
/* Compare the recorded failures from before and after the run `r`.  Pure. */
void alert_compare(const struct run *r, const struct failures *before, const struct failures *after,
		   struct alert_changes *ret);

/* Append "hello/1.3 does not build for K: hello.c:1: error: ...", by text_add_visible(). */
void alert_add_sentence(struct buf *b, const struct failure *f);
void alert_journal(const struct engine *e, const struct alert_changes *c);
void alert_on_failure(struct engine *e, const struct alert_changes *c);
/* Write the textfile and the motd.  If there is no problem, the motd is removed instead. */
void alert_files(const struct engine *e, const struct standings *l);
/* Start dkms-check.service again if it has failed and nothing is missing any more. */
void alert_settle_unit(const struct engine *e, const struct world *w, const struct standings *l);
