/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ledgerfile - the ledgers (model/ledger.h) on the disk.
 *
 * A line that cannot be right costs what it says and nothing more.  What reads goes on without it;
 * a run that writes puts the file aside as it was, before its first look, and keeps the rest.
 */
#include "engine/engine.h"
#include "model/ledger.h"
#include "sys/tx.h"

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
 * A damaged file goes to .native/damaged/RUN/ as it is, and what can be used of it stays.  1: that
 * was done, err says what and why; 0: nothing was wrong; else -errno, as it was.
 */
int ledger_settle(struct engine *e, enum ledger_file file, struct err *err) MUST_CHECK;
/* What was put aside: a path for each run that did it. */
void ledger_kept(const struct engine *e, struct strv *ret);
/* All of them, each damaged one with a warning; never fails. */
void ledger_settle_all(struct engine *e);
