/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * standhistory - what the history adds to how everything stands (decide/standing.h): which run made
 * it so, and which was stopped before it could.
 */
#include "decide/standing.h"
#include "engine/engine.h"

/*
 * Call standing_interrupt() for each entry whose build or install the last run that was about it
 * began and did not end.  Reads the history only if an entry waits for the next event.
 *
 * With `since`, also set since and run of each entry, as far as the history goes back.
 */
void standhistory_add(const struct engine *e, bool since, struct standings *list);
