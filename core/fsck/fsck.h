/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fsck - find what is inconsistent in the dkms tree and in the kernels' trees, and mend it.
 *
 * Looking takes no lock and writes nothing.  A finding is mended only if there is one right answer.
 * Any other finding has advice: what the user must decide.
 *
 * Files of a target are mended in a transaction, with the target's lock held.  Once the lock is
 * taken, fsck looks a second time, because another run may have mended the files meanwhile.
 */
#include "engine/engine.h"
#include "fsck/finding.h"

/*
 * Look for all problems.  Each becomes a finding in `ret`, which the caller releases.  Fails only
 * if the dkms tree cannot be listed.
 */
int fsck_look(struct engine *e, struct fsck *ret, struct err *err) MUST_CHECK;
/* Look at one module package only: sources, links, builds, installed files and originals. */
int fsck_look_at(struct engine *e, const char *name, struct fsck *ret, struct err *err) MUST_CHECK;
/*
 * Look and mend.  Findings about interrupted runs may explain other findings, so mend them first
 * and look again.  Then mend each finding that has no advice and can be mended.  The field `mended`
 * or `failure` of a finding tells the result.  If mending one fails, go on with the others.  At the
 * end, run depmod for the kernels that wait for it.
 */
int fsck_repair(struct engine *e, struct fsck *ret, struct err *err) MUST_CHECK;
