/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * holdtext - the words for a hold (struct hold in model/ledger.h): what it does, and the command
 * that lifts it.
 */
#include "base/buf.h"
#include "model/ledger.h"

/* Append what the hold does: "hello is kept off 6.1.0-56-amd64 (1.1 was uninstalled by hand)". */
void hold_add_text(const struct hold *h, struct buf *ret);
/* Append the command that lifts the hold, e.g. "dkms unhold hello -k 6.1.0-56-amd64". */
void hold_add_cure(const struct hold *h, struct buf *ret);
