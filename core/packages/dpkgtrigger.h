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
 * Does a maintainer script of another package run this command (DPKG_MAINTSCRIPT_PACKAGE)?  If so,
 * dpkg is at work, and the command is no person's choice.
 */
bool dpkgtrigger_is_script(void);
/*
 * The other root that dpkg works on from this one, with --force-script-chrootless (DPKG_ROOT);
 * NULL: none.  What a maintainer script then asks for is meant for the other root, and not for this
 * one.
 */
const char *dpkgtrigger_other_root(void);
/*
 * Can the work be deferred?  Yes, if dpkgtrigger_is_script() is true, both dpkg and we work on the
 * process's own root, and dpkg's database has our triggers file.
 */
bool dpkgtrigger_can_wait(const struct engine *e);
/*
 * Activate the trigger, without waiting for it (--no-await).  If that fails, a warning is logged,
 * and the result is false.
 */
bool dpkgtrigger_activate(const struct engine *e);
