/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * installfacts - gather what installplan_decide() needs to know from the disk.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "install/installplan.h"
#include "model/conf.h"
#include "model/record.h"

/*
 * active: the version that is installed for the kernel now, record: its record; both NULL: none.
 * -E_NOT_BUILT when a module that conf names is not in the build.
 */
int installfacts_gather(struct engine *e, const struct target *t, const struct conf *conf,
			const struct target *active, const struct record *record,
			struct installplan *ret, struct err *err) MUST_CHECK;
