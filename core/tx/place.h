/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * place - what transactions may touch.
 */
#include "tx/state.h"

void journal_place_release(struct journal_place *p);
/*
 * Does path, as it is spelled, lie in one of the trees?  Folders that op makes or removes may also
 * lead to a tree.
 */
bool place_has(const struct journal_place *p, const struct tx_op *op, const char *path);
/* Does a symlink on the way to path, which place_has(), lead out of the trees? */
bool place_leads_out(const struct journal_place *p, const struct tx_op *op, const char *path);
/* The first path of tx that is not in the trees, or that a symlink leads out of them; else NULL. */
const char *place_refuses(const struct journal_place *p, const struct tx *tx);
