/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * adopt - make the record of a build that DKMS made, from the conf and from what is on the disk.
 */
#include "install/change.h"
#include "model/conf.h"
#include "model/record.h"

/*
 * Make a record without writing it.  `conf` may be NULL.  -E_NOT_BUILT: there is no build.
 *
 * The record lists each module file in the build's folder module/, and each module of the conf that
 * is missing from that folder (a lost module).
 *
 * If this version is the installed one, each module is looked for in the kernel's tree, in DKMS's
 * order.  The first file with the same bytes as the built file is the installed file.  If there is
 * none, it is the first file that has the version and srcversion of the built file in its modinfo
 * and is not from another module package.  A lost module has no built file, so any file of its name
 * counts, but only in a folder where DKMS installs.  A file that a package owns, or may own, is
 * never taken for ours.
 *
 * If this version is the installed one, the record also has the archived originals, which are the
 * files in original_module.  The path that an original goes back to is in its .origin file.
 * Without that file the path follows from the conf's DEST_MODULE_LOCATION.
 */
int record_adopt(struct engine *e, const struct target *t, const struct conf *conf,
		 struct record *ret, struct err *err) MUST_CHECK;
/*
 * Read the record of a build.  If there is no record, make one by record_adopt().  Do the same,
 * after a warning, if the record cannot be used.
 */
int record_load(struct engine *e, const struct target *t, const struct conf *conf,
		struct record *ret, struct err *err) MUST_CHECK;
/*
 * Take over a build of DKMS: write its record.  If a package owns the path of an archived original,
 * also move the original back to that path.  If our module is there, our module moves to
 * updates/dkms, which depmod prefers.  If any other file is there, that file stays, and the
 * archived original is deleted instead.
 *
 * `facts` may be NULL.  The new record copies what `facts` says of the build (content, headers,
 * owner ...).  facts->modules are the modules that the build should have.
 *
 * If ret->names is not empty, the depmod mark is set, and depmod must run.  In any case the caller
 * finishes the change or rolls it back (change.h).
 */
int adopt_run(struct engine *e, const struct target *t, const struct conf *conf,
	      const struct record *facts, struct change *ret, struct err *err) MUST_CHECK;
