/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * whylog - dkms why --log FILE: judge the log of a build, wherever it comes from.
 *
 * Of a large log, only about the first WHYLOG_HEAD and the last WHYLOG_TAIL bytes are judged: the
 * errors that matter are there.
 */
#include "cli/options.h"
#include "engine/engine.h"

#define WHYLOG_HEAD (4U << 20)
#define WHYLOG_TAIL (12U << 20)

/* Returns the exit status: 0 if the log was read, whatever it says. */
int whylog_run(const struct engine *e, const struct options *o);
