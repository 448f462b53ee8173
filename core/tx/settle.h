/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * settle - bring a staged transaction to its end, for the living run and for recovery alike.
 *
 * The tree's lock must be held.  Each may be repeated after it was interrupted anywhere.
 */
#include "base/error.h"
#include "tx/state.h"

/* After the commit point: all operations in their order, synced. */
int settle_apply(struct tx *tx, struct err *err) MUST_CHECK;
/* After that: backups, deletions and the journal's file go.  On an error the next recovery does it. */
int settle_finish(struct tx *tx, struct err *err) MUST_CHECK;
/* Instead of these: everything becomes as it was. */
int settle_back(struct tx *tx, struct err *err) MUST_CHECK;
