/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * journal - the tree's lock, under which journals and the tree change.
 */
#include "tx/state.h"

/*
 * Take the tree's lock, e.g. to read a file and write it back by a transaction.  Calls nest.  While
 * the lock is held the caller must not wait for anything and must run no child.
 *
 * If `recover` is true, the outermost call recovers the journals of dead runs before it returns.
 * Pass true to begin a change, false to end one or to look.
 */
int journal_lock(struct journal *j, bool recover) MUST_CHECK;
void journal_unlock(struct journal *j);
