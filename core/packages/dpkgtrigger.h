/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * dpkgtrigger - defer work to the end of dpkg's run.
 *
 * A maintainer script removes a module in the middle of dpkg's run.  After that, dpkg may install
 * the next version of the script's package, and other packages.  If dpkg knows our package, our
 * trigger "dkms" runs once, at the end of dpkg's run, and its `dkms event` sees the final state.
 */
#include "base/util.h"
#include "engine/engine.h"

/*
 * Can the work be deferred?  Yes, if all of this is true:
 *  - a maintainer script runs this command, and not a script of our own package
 *    (DPKG_MAINTSCRIPT_PACKAGE);
 *  - the script and this command work on the root in which they run;
 *  - dpkg's database has our triggers file.
 */
bool dpkgtrigger_can_wait(const struct engine *e);
/* Activate the trigger, without waiting for it (--no-await).  false: failed, with a warning. */
bool dpkgtrigger_activate(const struct engine *e);
