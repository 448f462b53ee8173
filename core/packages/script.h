/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * script - does a script of a package run this command?
 *
 * Such a command comes in the middle of a package manager's run, and no person has decided
 * anything.  So the command makes no hold.  If a build fails, events with `phase middle`
 * (model/event.h) do not try it again, but settled events do.  If an event is known to follow at
 * the end of the package manager's run, `remove --all` only leaves a request.
 */
#include "base/util.h"
#include "engine/engine.h"

bool script_runs_us(void);
/* Will the package manager's event carry out what the script asks for? */
bool script_can_wait(const struct engine *e);
/*
 * Make sure that the event which script_can_wait() promises will come.  With `await`, under dpkg,
 * the event comes before packages that depend on the script's package are configured.  If dpkg's
 * trigger cannot be activated, a warning is logged, and the result is false.
 */
bool script_wait(const struct engine *e, bool await);
