/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * publish - a finished build becomes <dkms_tree>/M/V/K/A, whole or not at all.
 */
#include "build/artifact.h"

/*
 * Copy the modules and Module.symvers out of the build folder dir, and check the copies of the
 * modules (artifact.h).  From here on nothing of the folder is looked at any more.
 */
int publish_harvest(struct engine *e, const struct target *t, const struct conf *conf,
		    const char *dir, const char *utsrelease, struct err *err) MUST_CHECK;
/*
 * Strip, sign and compress what was harvested, add the record, and put it all in place of an older
 * build by one transaction of a journal of this process.  What the older build's record says of
 * installed files is taken over, so that they can still be uninstalled.
 */
int publish_build(struct engine *e, const struct target *t, const struct conf *conf,
		  const struct artifact_opts *opts, struct record *record,
		  struct err *err) MUST_CHECK;
/* After any error: what was harvested goes. */
void publish_drop(const struct engine *e, const struct target *t);
/* to gets the installed files and originals of from: by destination name, and those it no longer
 * has. Pure. */
void publish_inherit(struct record *to, const struct record *from);
