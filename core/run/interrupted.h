/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * interrupted - which of what is not installed was left so by a run that came to no end?  The
 * history knows.
 */
#include "decide/standing.h"
#include "engine/engine.h"

/*
 * Call standing_interrupt() for each entry whose build or install the last run that was about it
 * began and did not end.  Reads the history only if an entry waits for the next event.
 */
void interrupted_mark(const struct engine *e, struct standings *list);
