/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * adopt - the record of a build that DKMS made, from its conf and the disk.
 */
#include "install/change.h"
#include "model/conf.h"
#include "model/record.h"

/*
 * conf may be NULL.  The build's module files are the modules, and what the conf makes and is not
 * there, which was lost.  Where the
 * version is the installed one, an installed file is looked for in the folders that
 * DKMS uses, then in the whole kernel tree: the same bytes as the built one, else the same
 * modinfo version and srcversion.  Archived originals come from original_module and their .origin
 * files; without one, the conf's DEST_MODULE_LOCATION is where it goes back to. A file that a
 * package owns is never taken for ours.  -E_NOT_BUILT when there is no build.
 */
int record_adopt(struct engine *e, const struct target *t, const struct conf *conf,
		 struct record *ret, struct err *err) MUST_CHECK;
/* The record of a build; where it has none, or a damaged one (a warning), that of record_adopt(). */
int record_load(struct engine *e, const struct target *t, const struct conf *conf,
		struct record *ret, struct err *err) MUST_CHECK;
/*
 * Take a build of DKMS over: write its record (content, overrides, headers,
 * owner ... from facts, which may be NULL; its modules are those that the build should have), and
 * put originals that a package owns back where the package wants them; ours shadows them from
 * updates/dkms.  The caller runs depmod if ret->paths is not empty, then finishes or rolls back.
 */
int adopt_run(struct engine *e, const struct target *t, const struct conf *conf,
	      const struct record *facts, struct change *ret, struct err *err) MUST_CHECK;
