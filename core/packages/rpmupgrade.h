/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rpmupgrade - --rpm_safe_upgrade: when an RPM package is upgraded without a new version of its
 * sources, the scripts of the new package run `add` before those of the old one run `remove`.
 *
 * add leaves <tmp_location>/dkms_rpm_safe_upgrade_lock.PID.XXXXXX, where PID is our grandparent,
 * rpm; its lines are NAME-VERSION and when that process was started.  remove by the same process
 * takes it away and does nothing else.  Name and content are DKMS's.  A file that is not our
 * user's does not count.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "model/modid.h"

int rpmupgrade_note(const struct engine *e, const struct modid *id, struct err *err) MUST_CHECK;
/* Was the module package added by the same rpm? The note is gone then. */
bool rpmupgrade_take(const struct engine *e, const struct modid *id);
