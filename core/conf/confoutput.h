/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confoutput - what confeval.bash wrote, read back into the jobs.
 *
 * The forms are described in confeval.bash.  Both texts may end anywhere, for
 * bash may have been ended.
 */
#include "base/buf.h"
#include "base/strv.h"
#include "model/conf.h"

/* One subshell of that bash. */
struct confeval_job {
	struct strv vars;	   /* NAME=VALUE that the files see */
	struct strv files;	   /* read one after the other */
	struct strv directives;	   /* NAME=VALUE set afterwards, and exported */
	const char *names;	   /* what is handed back, blank-separated; the caller's */
	struct conf_values result; /* out; a job whose result.error is set already is left out */
};
#define CONFEVAL_JOB_INIT                                                       \
	{                                                                       \
		.vars = STRV_INIT, .files = STRV_INIT, .directives = STRV_INIT, \
		.result = CONF_VALUES_INIT                                      \
	}

/*
 * Sets result of each job that came to its end, and done for it.  A job
 * that ended without having handed back its values gets -E_BAD_CONF.
 */
void confoutput_values(const struct buf *b, struct confeval_job *jobs, bool *done, size_t n);
/* Warnings of the jobs that are done or have failed; those of others are dropped. */
void confoutput_messages(const struct buf *b, struct confeval_job *jobs, const bool *done,
			 size_t n);
