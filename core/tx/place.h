/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * place - what transactions may touch.
 */
#include "tx/state.h"

void journal_place_release(struct journal_place *p);
/* Does the path, by its letters, lie where op may be? */
bool place_has(const struct journal_place *p, const struct tx_op *op, const char *path);
/* Does a link on the way to it lead out of the trees? */
bool place_leads_out(const struct journal_place *p, const struct tx_op *op, const char *path);
/* The first path of tx that does not, or that a link leads out of the trees; NULL. */
const char *place_refuses(const struct journal_place *p, const struct tx *tx);
