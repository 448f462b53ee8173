/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * script - does a script of a package run this command?
 *
 * Such a command comes in the middle of a package manager's run, and no person has decided
 * anything.  So it makes no hold, and a build that fails is remembered for the middle only
 * (model/event.h).  If an event is known to follow at the end of the run, `remove --all` only leaves
 * a request.
 */
#include "base/util.h"
#include "engine/engine.h"

bool script_runs_us(void);
/* Will the package manager's event carry out what the script asks for? */
bool script_can_wait(const struct engine *e);
/* Have the event made that script_can_wait() promises.  false: failed, with a warning. */
bool script_wait(const struct engine *e);
