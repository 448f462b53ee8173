/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fsck - find what is inconsistent in the dkms tree and in the kernels' trees, and mend it.
 *
 * Looking takes no lock and writes nothing.  Only what has one right answer is mended: what belongs
 * to a target in a transaction, under the target's lock, and after another look.  Any other finding
 * has an advice instead: what the user must decide.
 */
#include "engine/engine.h"
#include "fsck/finding.h"

/* Problems become findings; the call fails if the dkms tree cannot be listed.  The caller releases
 * ret. */
int fsck_look(struct engine *e, struct fsck *ret, struct err *err) MUST_CHECK;
/* Look at one module package only: sources, links, builds, installed files and originals. */
int fsck_look_at(struct engine *e, const char *name, struct fsck *ret, struct err *err) MUST_CHECK;
/*
 * Look and mend.  Interrupted runs are completed first, because they explain other findings; then
 * it looks again.  Each finding without an advice that can be mended gets mended or failure set; a
 * failure does not stop the others.
 */
int fsck_repair(struct engine *e, struct fsck *ret, struct err *err) MUST_CHECK;
