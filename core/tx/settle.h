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

/* After the commit point: apply all operations in order, but OP_DEL last; then sync the folders. */
int settle_apply(struct tx *tx, struct err *err) MUST_CHECK;
/* After settle_apply(): remove backups and the journal's file.  An error is left to recovery. */
int settle_finish(struct tx *tx, struct err *err) MUST_CHECK;
/* Instead of settle_apply(), or after it: restore everything as it was. */
int settle_back(struct tx *tx, struct err *err) MUST_CHECK;
