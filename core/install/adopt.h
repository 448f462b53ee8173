/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * adopt - make the record of a build that DKMS made, from its conf and the disk.
 */
#include "install/change.h"
#include "model/conf.h"
#include "model/record.h"

/*
 * Make a record without writing it.  conf may be NULL.  -E_NOT_BUILT: there is no build.
 *
 * Modules are the files in the build's module folder, and those that the conf makes but that are
 * missing there: they were lost.
 *
 * If this version is the installed one, the kernel's tree is searched for each module, in DKMS's
 * order: a file with the same bytes, else one with the same version and srcversion in its modinfo.
 * For a lost module any file counts, but only in the folders where DKMS installs.  A file that a
 * package owns, or may own, is never taken for ours.
 *
 * Archived originals are those in original_module.  Where one goes back to is in its .origin file,
 * else in the conf's DEST_MODULE_LOCATION.
 */
int record_adopt(struct engine *e, const struct target *t, const struct conf *conf,
		 struct record *ret, struct err *err) MUST_CHECK;
/*
 * Read the record of a build.  If there is none, or it cannot be used (which is logged as a
 * warning), make it by record_adopt().
 */
int record_load(struct engine *e, const struct target *t, const struct conf *conf,
		struct record *ret, struct err *err) MUST_CHECK;
/*
 * Take over a build of DKMS: write its record, and put originals that a package owns back to where
 * the package ships them.  If our module stands there, it moves to updates/dkms, which depmod
 * prefers.
 *
 * facts (may be NULL): what the record says of the build (content, headers, owner, ...) and the
 * modules that the build should have.
 *
 * If ret->paths is not empty, the caller runs depmod; then it finishes or rolls back (change.h).
 */
int adopt_run(struct engine *e, const struct target *t, const struct conf *conf,
	      const struct record *facts, struct change *ret, struct err *err) MUST_CHECK;
