/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confoutput - parse what confeval.bash wrote to its standard output (values) and standard error
 * (messages), and put it into the jobs.
 *
 * confeval.bash describes the formats of both.  Either may be cut off anywhere, because bash may
 * have been killed.
 */
#include "base/buf.h"
#include "base/strv.h"
#include "model/conf.h"

/* What one subshell of confeval.bash evaluates. */
struct confeval_job {
	struct strv vars;	   /* NAME=VALUE that the files see */
	struct strv files;	   /* read one after the other */
	struct strv directives;	   /* NAME=VALUE, set and exported after the files */
	const char *names;	   /* variables to return, blank-separated; the caller's string */
	struct conf_values result; /* out; if result.error is set on input, the job is skipped */
};
#define CONFEVAL_JOB_INIT                                                       \
	{                                                                       \
		.vars = STRV_INIT, .files = STRV_INIT, .directives = STRV_INIT, \
		.result = CONF_VALUES_INIT                                      \
	}

/*
 * Set result and done of each of the n jobs that ended.  A job that ended without returning its
 * values gets -E_BAD_CONF.
 */
void confoutput_values(const struct buf *b, struct confeval_job *jobs, bool *done, size_t n);
/*
 * Append each line of standard error to the warnings of its job.  Drop the lines of a job that has
 * no result yet, because another bash evaluates that job again.
 */
void confoutput_messages(const struct buf *b, struct confeval_job *jobs, const bool *done,
			 size_t n);
