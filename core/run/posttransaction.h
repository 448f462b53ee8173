/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * posttransaction - the admin's command at the end of a run (the setting post_transaction).
 *
 * DKMS runs it after install, uninstall, unbuild and remove that succeeded, also when there was
 * nothing to be done; it forgets autoinstall and the kernel's hooks, where it matters most.  Ours
 * is run after everything that changed something, too.
 */
#include "run/run.h"

/*
 * Once a run, or, where the command mentions kernelver, once for each kernel that changed.  The
 * shell sees module trees, kernelver and arch; the output goes to <dkms_tree>/post_transaction.log,
 * which is blanked first.  always: also when nothing changed (kernelver is that of the first step
 * then).  A failure is a warning.
 */
void post_transaction(const struct run *r, bool always);
