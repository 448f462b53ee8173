/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * posttransaction - run the admin's command at the end of a run (the setting post_transaction).
 *
 * DKMS runs it after install, uninstall, unbuild and remove that succeeded, even if there was
 * nothing to do, but not after autoinstall or from kernel hooks.  We also run it after any run that
 * changed something.
 */
#include "run/run.h"

/*
 * Run the command once or, if it contains "kernelver", once for each kernel that changed.  It is
 * passed to the shell with the variables kernelver and arch and the paths of the module trees; its
 * output replaces <dkms_tree>/post_transaction.log.  always: run it even if nothing changed, with
 * the kernels of all steps.  A failure is only a warning.
 */
void post_transaction(const struct run *r, bool always);
