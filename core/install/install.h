/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * install - the modules of a build into the kernel's tree, as one transaction.
 *
 * The caller runs depmod afterwards and finishes or rolls back (change.h).
 * What another version of the package has installed for this kernel is replaced in the same
 * transaction: its record is rewritten, its archived originals go over to ours.
 */
#include "install/change.h"
#include "install/installplan.h"
#include "model/conf.h"

struct install_opts {
	bool force;		     /* no version check, PRE_INSTALL may fail */
	bool force_version_override; /* no version check */
	bool initramfs;		     /* the kernel's is looked at afterwards: mark that */
};

/*
 * -E_NO_KERNEL_TREE, -E_NOT_BUILT, -E_PRE_INSTALL, -E_INSTALL (every module was refused; the
 * texts are in err).  Some refused: 0, with the texts in ret->refused.  On an error nothing has
 * changed and ret is empty.
 */
int install_run(struct engine *e, const struct target *t, const struct conf *conf,
		const struct install_opts *opts, struct change *ret, struct err *err) MUST_CHECK;
