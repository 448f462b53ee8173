/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * runrecover - what dead runs left, before a command plans anything.
 */
#include "engine/engine.h"

/*
 * Remove links that somebody has put where the tree keeps its own folders, then complete or roll
 * back the transactions of dead runs.  Every command that writes calls this first, and
 * run_recover_rest() next.
 */
int run_recover_journals(struct engine *e, struct err *err) MUST_CHECK;
/*
 * Mend damaged ledgers, and remove the folders that dead runs left.  Then run depmod for each
 * kernel for which an earlier run was to run it, but did not.
 */
void run_recover_rest(struct engine *e);
