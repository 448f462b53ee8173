/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confoutput - what confeval.bash wrote, read back into the jobs.
 *
 * The forms are described in confeval.bash.  Both texts may end anywhere, for
 * bash may have been ended.
 */
#include "base/buf.h"
#include "engine/confeval.h"

/*
 * Sets result of each job that came to its end, and done for it.  A job
 * that ended without having handed back its values gets -E_BAD_CONF.
 */
void confoutput_values(const struct buf *b, struct confeval_job *jobs, bool *done, size_t n);
/* Warnings of the jobs that are done or have failed; those of others are dropped. */
void confoutput_messages(const struct buf *b, struct confeval_job *jobs, const bool *done,
			 size_t n);
