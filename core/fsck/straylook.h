/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * straylook - look for modules in <install_tree>/K/updates/dkms that nobody has.
 *
 * That folder is DKMS's and ours.  In extra, in updates and below kernel/ people put modules of
 * their own, by `make modules_install` for example, so a file there is nobody's fault and is not
 * looked at.
 *
 * A module is a stray if nothing of this accounts for it:
 *  - a record, of any build for this kernel, that says it was installed there;
 *  - a build that M/kernel-K-A names, as DKMS says that it is installed: by their names those of
 *    its modules of which no record says where they are;
 *  - a package.
 *
 * A link in the place of K, K/updates or K/updates/dkms is not followed.
 */
#include "engine/engine.h"
#include "model/ledger.h"
#include "tree/tree.h"

/* All texts are valid during the call only. */
typedef void (*straylook_fn)(const char *path, const char *release, const char *text,
			     const char *advice, void *data);

/*
 * Call fn for each stray.  While there is the journal of a run, dead, alive or set aside, nothing
 * is looked for: the run may have put a module in its place and not yet its record.  If a package
 * database cannot be asked there is a warning, and what may be a package's is no stray.
 */
void straylook(const struct engine *e, const struct tree *tree, straylook_fn fn, void *data);
