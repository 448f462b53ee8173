/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * straylook - look for stray modules in <install_tree>/K/updates/dkms.
 *
 * Only DKMS and we put modules there.  In extra, in updates and below kernel/ people put modules of
 * their own, e.g. by `make modules_install`, so these folders are not looked at.
 *
 * A module is a stray unless one of these is true:
 *  - The record of a build for this kernel says that it was installed there.
 *  - M/kernel-K-A leads to a build that has a module of the same name, and no record says where
 *    that build's module was installed.  (By M/kernel-K-A, DKMS marks a build as installed.)
 *  - A package owns it.
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
 * Call fn for each stray.  If there is the journal of another run, whether that run is dead, alive
 * or set aside, nothing is looked for: the run may have installed a module and not yet written its
 * record.  If a package database cannot be asked, a warning is logged, and a file that may belong
 * to a package is no stray.
 */
void straylook(const struct engine *e, const struct tree *tree, straylook_fn fn, void *data);
