/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * settle - bring a staged transaction to its end, for the living run and for recovery alike.
 *
 * The caller holds the tree's lock.  Each function may be repeated after an interruption at any
 * point.
 */
#include "base/error.h"
#include "tx/state.h"

/*
 * After the commit point: apply the operations in the order in which they were declared, but OP_DEL
 * last.  Then sync the folders.
 */
int settle_apply(struct tx *tx, struct err *err) MUST_CHECK;
/*
 * After settle_apply(): remove the backups, the folders of OP_RMDIR that are empty, and the
 * transaction's file in the journal.  After an error the change stands, and recovery removes what
 * is left.
 */
int settle_finish(struct tx *tx, struct err *err) MUST_CHECK;
/*
 * Instead of settle_apply(), or after it: restore everything as it was, except what another run has
 * changed in the meantime.
 */
int settle_back(struct tx *tx, struct err *err) MUST_CHECK;
