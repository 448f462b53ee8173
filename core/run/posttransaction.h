/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * posttransaction - run the admin's command at the end of a run (the setting post_transaction).
 *
 * DKMS runs the command after a successful install, uninstall, unbuild or remove, even if there was
 * nothing to do.  DKMS does not run it after autoinstall or from kernel hooks.  We also run it
 * after any other run that changed something.
 */
#include "run/run.h"

/*
 * Run the command once or, if it contains "kernelver", once for each kernel that changed.  bash
 * evaluates the command with the variables kernelver, arch, dkms_tree, source_tree and
 * install_tree.  The output replaces <dkms_tree>/post_transaction.log.
 *
 * With `always`, the command runs even if nothing changed; it then runs for the kernels of all
 * steps.  A failure is only a warning.
 */
void post_transaction(const struct run *r, bool always);
