/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * standhistory - add to how everything stands (decide/standing.h) what the history knows: which run
 * made it so, and which run was stopped before it could.
 */
#include "decide/standing.h"
#include "engine/engine.h"

/*
 * Call standing_interrupt() for each entry that the next event would build or install, if the last
 * run that was to do so was stopped.
 *
 * With `since`, also set since and run of each entry, as far as the history goes back.  Without
 * `since`, the history is read only if there is such an entry.
 */
void standhistory_add(const struct engine *e, bool since, struct standings *list);
