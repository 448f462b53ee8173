/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * journal - the tree's lock, under which journals and the tree change.
 */
#include "tx/state.h"

/*
 * Take the tree's lock, to read something and write it back by a transaction.  Calls nest.  While
 * it is held nothing may wait and no child may run.
 *
 * recover: first complete what dead runs left.  For the beginning of a change, not for the end of
 * one.
 */
int journal_lock(struct journal *j, bool recover) MUST_CHECK;
void journal_unlock(struct journal *j);
