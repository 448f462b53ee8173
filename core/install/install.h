/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * install - install the modules of a build into the kernel's tree, as one transaction.
 *
 * The caller runs depmod afterwards; then it finishes the change or rolls it back (change.h).
 *
 * If another version of the module package is installed for this kernel, the same transaction
 * removes that version's modules and notes in that version's record that they are no longer
 * installed.  Our record takes over that version's archived originals.
 */
#include "install/change.h"
#include "model/conf.h"

struct install_opts {
	bool force;		     /* no check of versions or OBSOLETE_BY; PRE_INSTALL may fail */
	bool force_version_override; /* no version check */
	bool initramfs;		     /* the initramfs is checked afterwards, so set its mark */
};

/*
 * First it is checked whether each module of the build is installed already, at its place and with
 * its bytes, and whether the loader takes it.  If so, nothing is installed and no script runs: a
 * transaction only writes the record anew, and ret->names and ret->paths are empty.  The check is
 * left out with opts->force.  It is also left out if the conf has a PRE_INSTALL or POST_INSTALL,
 * because a script may do more than the modules show.
 *
 * Else: Run PRE_INSTALL, decide where each module goes (installplan.h), install and commit, run the
 * weak-modules program and POST_INSTALL.  A failure of the last two is only a warning.
 *
 * Returns 0 if at least one module was installed, or if a module that the build no longer has was
 * removed, or if nothing had to change.  ret->refused has a text for each module that was refused.
 *
 * -E_INSTALL: the module package is obsolete on this kernel (OBSOLETE_BY), or every module was
 * refused.  In the second case err has the texts, and the record names the files that kept the
 * modules out.
 * -E_NO_KERNEL_TREE, -E_NOT_BUILT, -E_PRE_INSTALL, -E_NO_SPACE, -E_INTERRUPTED, or another error.
 * After any error the kernel's tree is unchanged and ret is not touched.
 */
int install_run(struct engine *e, const struct target *t, const struct conf *conf,
		const struct install_opts *opts, struct change *ret, struct err *err) MUST_CHECK;
