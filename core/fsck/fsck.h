/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * fsck - what in the DKMS tree and in the kernels' trees does not fit together.
 *
 * Looking takes no lock and writes nothing.  Mending does what has one right
 * answer, each thing as a transaction under its target's lock, where it is looked at again; the
 * rest keeps the sentence that says what a person must decide.
 */
#include "engine/engine.h"
#include "fsck/finding.h"

int fsck_look(struct engine *e, struct fsck *ret, struct err *err) MUST_CHECK;
/* At one module package alone. */
int fsck_look_at(struct engine *e, const char *name, struct fsck *ret, struct err *err) MUST_CHECK;
/*
 * Look and mend.  An interrupted run is completed first, for it explains other findings.  One thing
 * that fails does not stop the others; each gets mended or failure.
 */
int fsck_repair(struct engine *e, struct fsck *ret, struct err *err) MUST_CHECK;
