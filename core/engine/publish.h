/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * publish - a finished build becomes <dkms_tree>/M/V/K/A, whole or not at all.
 */
#include "engine/artifact.h"

/*
 * Stage the modules below folder dir, Module.symvers and the record, then put them
 * in place of an older build by one transaction of a journal of this process.  What the older
 * build's record says of installed files is taken over, so that they can still be uninstalled.
 */
int publish_build(struct engine *e, const struct target *t, const struct conf *conf,
		  const char *dir, const struct artifact_opts *opts, struct record *record,
		  struct err *err) MUST_CHECK;
/* to gets the installed files and originals of from: by destination name, and those it no longer
 * has. Pure. */
void publish_inherit(struct record *to, const struct record *from);
