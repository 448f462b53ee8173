/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * standhistory - add to the standings (decide/standing.h) what the history knows: which run led to
 * them, and which run was stopped before it could build or install.
 */
#include "decide/standing.h"
#include "engine/engine.h"

/*
 * Call standing_interrupt() for each entry that the next event would build or install, if the last
 * run that was to do so was stopped.
 *
 * With `since`, also set since and run of each entry, as far as the history goes back.  Without
 * `since`, the history is read only if the next event would build or install something.
 */
void standhistory_add(const struct engine *e, bool since, struct standings *list);
