/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * dpkgtrigger - put work off until dpkg has done its own.
 *
 * A maintainer script that removes a module does so in the middle of dpkg's run: the next version
 * of its package may follow, and so may other packages.  If dpkg knows our package, its trigger
 * "dkms" runs once when everything is in place, and there `dkms event` sees it all.
 */
#include "base/util.h"
#include "engine/engine.h"

/*
 * Is this command called by the maintainer script of another package, in a root whose dpkg knows
 * our triggers (DPKG_MAINTSCRIPT_PACKAGE; dkms-native.triggers in dpkg's database)?
 */
bool dpkgtrigger_can_wait(const struct engine *e);
/* Activate the trigger: it runs when dpkg gets to it, nobody waits.  false: it did not work. */
bool dpkgtrigger_activate(const struct engine *e);
