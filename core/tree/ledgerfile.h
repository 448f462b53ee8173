/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ledgerfile - the ledgers (model/ledger.h) on the disk.
 *
 * An invalid line is ignored; the other lines count.  A run that may write first moves the damaged
 * file out of the way and writes the valid lines back.
 */
#include "engine/engine.h"
#include "model/ledger.h"
#include "tx/tx.h"

/*
 * Append what can be used of the file to *ret, which may hold others already; a missing file is an
 * empty one.  -E_CORRUPT with the file and the first damaged line in err: not all of it.  Else
 * -errno, and nothing of it.
 */
int ledger_load(const struct engine *e, enum ledger_file file, struct ledger *ret,
		struct err *err) MUST_CHECK;
/* Declare the file's new text in tx. */
void ledger_store(const struct engine *e, struct tx *tx, const struct ledger *l,
		  enum ledger_file file);
/*
 * Keep a copy of a damaged file in .native/damaged/RUN/ and leave its valid lines in place.
 * 1: done, err says what was wrong; 0: the file is sound; else -errno, nothing changed.
 */
int ledger_settle(struct engine *e, enum ledger_file file, struct err *err) MUST_CHECK;
/* The folders of damaged ledgers, one for each run that moved some there. */
void ledger_kept(const struct engine *e, struct strv *ret);
/* ledger_settle() for every ledger, with a warning for each damaged one; never fails. */
void ledger_settle_all(struct engine *e);
