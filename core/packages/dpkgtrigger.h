/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * dpkgtrigger - defer work to the end of dpkg's run.
 *
 * When a maintainer script removes a module, dpkg is in the middle of its run.  It may still
 * install the next version of the script's package, and other packages.  So the work is put off:
 * the script's command activates our trigger "dkms", which dpkg runs once, at the end of its run.
 * The trigger runs `dkms event`, which sees the final state.
 */
#include "base/util.h"
#include "engine/engine.h"

/*
 * Does a maintainer script of another package run this command (DPKG_MAINTSCRIPT_PACKAGE)?  If so,
 * dpkg is at work, and the command is no person's choice.
 */
bool dpkgtrigger_is_script(void);
/*
 * With --force-script-chrootless, dpkg runs maintainer scripts in this root for packages of another
 * root, and their commands are meant for that root.  Returns that root (DPKG_ROOT); NULL: there is
 * none.
 */
const char *dpkgtrigger_other_root(void);
/*
 * Can the work be deferred?  Yes, if dpkgtrigger_is_script() is true, both dpkg and we work on the
 * process's own root, and dpkg's database has our triggers file.
 */
bool dpkgtrigger_can_wait(const struct engine *e);
/*
 * Activate the trigger.  With `await`, dpkg runs it before configuring packages that depend on the
 * script's package.  If the activation fails, a warning is logged, and the result is false.
 */
bool dpkgtrigger_activate(const struct engine *e, bool await);
