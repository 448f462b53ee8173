/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * journal - the lock under which journals and the tree change.
 */
#include "tx/state.h"

/*
 * The tree's lock, for reading something and writing it back by a transaction; nests.  Nothing may
 * wait and no child may run while it is held.  recover: complete what dead runs left, which is for
 * the beginning of something, not for its end.
 */
int journal_lock(struct journal *j, bool recover) MUST_CHECK;
void journal_unlock(struct journal *j);
