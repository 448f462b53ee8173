/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * installfacts - read from the disk what installplan_decide() needs to know.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "install/installplan.h"
#include "model/conf.h"
#include "model/record.h"

/*
 * `active` is the version that is installed for the kernel now, and `record` is its record.  Both
 * are NULL if no version is installed.  The caller releases ret.  -E_NOT_BUILT: a module of the
 * conf is not in the build, or cannot be read.
 */
int installfacts_gather(struct engine *e, const struct target *t, const struct conf *conf,
			const struct target *active, const struct record *record,
			struct installplan *ret, struct err *err) MUST_CHECK;
