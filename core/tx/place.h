/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * place - what transactions may touch.
 */
#include "tx/state.h"

void journal_place_release(struct journal_place *p);
/*
 * Does `path` lie in one of the trees, by its text alone (symlinks are not looked at)?  Also true
 * for a folder above a tree, if `op` makes or removes a folder.
 */
bool place_has(const struct journal_place *p, const struct tx_op *op, const char *path);
/*
 * Does a symlink on the way to `path` lead out of the trees?  place_has() must have accepted
 * `path`.
 */
bool place_leads_out(const struct journal_place *p, const struct tx_op *op, const char *path);
/* The first path of tx that lies outside of the trees or leads out of them; NULL: none. */
const char *place_refuses(const struct journal_place *p, const struct tx *tx);
