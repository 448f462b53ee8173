/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * rpmupgrade - --rpm_safe_upgrade, for RPM packages upgraded without a new module version.
 *
 * In such an upgrade, a script of the new package runs `add`, and after that a script of the old
 * package runs `remove` for the same NAME/VERSION.  So `add` leaves a note, the file
 * /run/dkms/dkms_rpm_safe_upgrade_lock.PID.XXXXXX, where PID is that of rpm.  The note has two
 * lines: NAME-VERSION, and the time when rpm started.  A `remove` under the same rpm deletes the
 * note and does nothing else.  Notes of other users are ignored.
 *
 * DKMS's note has the same name and content, but is in <tmp_location>.  Ours is not, because rpm's
 * plugin "unshare" can give each scriptlet a /tmp of its own.
 */
#include "engine/engine.h"
#include "model/modid.h"

/* Leave the note.  If that fails, a warning is logged. */
void rpmupgrade_note(const struct engine *e, const struct modid *id);
/* Has the same rpm added the module package?  If so, the note is deleted. */
bool rpmupgrade_take(const struct engine *e, const struct modid *id);
