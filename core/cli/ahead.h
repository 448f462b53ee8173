/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ahead - `dkms try` for a kernel that is to come: build what is registered, and keep it.
 *
 * The other form of `dkms try`, for the author of a source in a folder, is in author.c.
 */
#include "cli/options.h"
#include "engine/engine.h"
#include "model/candidate.h"
#include "survey/ahead.h"

/*
 * Is this form meant?  The first line that applies counts:
 *  - with --headers, --fetch or --candidates: yes;
 *  - with a source in a folder (o->source_path): no;
 *  - with words: yes, if all of them name module packages that are registered;
 *  - without words: yes, if -k names kernels (not "all"), and there is no dkms.conf here.
 */
bool ahead_is_meant(const struct engine *e, const struct options *o);
/*
 * As candidates_find() (packages/candidates.h).  The package manager that is asked is the one that
 * has, or will have, the packages of this kernel (candidate_manager()).
 */
int ahead_find(struct engine *e, const char *release, struct candidate *ret,
	       struct err *err) MUST_CHECK;
/* Returns an exit status. */
int ahead_run(struct engine *e, const struct options *o);

/* ---- aheadall.c ---- */

/* The form with --candidates: a dkms of its own for each kernel.  Returns an exit status. */
int ahead_run_candidates(struct engine *e, const struct options *o);

/* ---- aheadjson.c ---- */

/* The document of --json.  `status` is the exit status. */
void json_ahead(const struct engine *e, const char *release, const struct ahead_verdicts *l,
		int status, struct buf *ret);
/* The same for several kernels. */
int json_ahead_all(const struct engine *e, const struct strv *releases, int status, struct buf *ret,
		   struct err *err) MUST_CHECK;
