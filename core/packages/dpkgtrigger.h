/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * dpkgtrigger - defer work to the end of dpkg's run.
 *
 * A maintainer script removes a module in the middle of dpkg's run, when the next version of its
 * package, and other packages, may still follow.  If our package is known to dpkg, its trigger
 * "dkms" runs once, at the end, and the `dkms event` there sees the final state.
 */
#include "base/util.h"
#include "engine/engine.h"

/*
 * Can the work be deferred?  Yes, if a maintainer script of another package runs this command
 * (DPKG_MAINTSCRIPT_PACKAGE), on our own root, and dpkg's database has our triggers file.
 */
bool dpkgtrigger_can_wait(const struct engine *e);
/* Activate the trigger, without waiting for it (--no-await).  false: failed, with a warning. */
bool dpkgtrigger_activate(const struct engine *e);
