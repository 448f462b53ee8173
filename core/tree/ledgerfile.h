/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ledgerfile - the ledgers (model/ledger.h) on the disk.
 *
 * An invalid line is ignored; the other lines count.  Before anything else, a run that writes sets
 * each file with invalid lines aside, and writes the valid lines back (ledger_settle()).
 */
#include "engine/engine.h"
#include "model/ledger.h"
#include "tx/tx.h"

/*
 * Append the valid lines of the file to `list`, which points to one of the lists of
 * model/ledger.h.  A missing file counts as empty.
 *
 * -E_CORRUPT: lines were ignored; `err` names the file and the first of these lines.  After any
 * other error nothing was appended.
 */
#define ledger_load(e, list, err) ledger_load_any(e, LEDGER_FILE(list), list, err)
int ledger_load_any(const struct engine *e, enum ledger_file file, void *list,
		    struct err *err) MUST_CHECK;
/* Make `tx` replace the content of the file by `list`. */
#define ledger_store(e, tx, list) ledger_store_any(e, tx, LEDGER_FILE(list), list)
void ledger_store_any(const struct engine *e, struct tx *tx, enum ledger_file file,
		      const void *list);
/*
 * Load the ledger `file`, let fn change it and store it, under the tree's lock.  fn gets the list
 * (union ledger_list) and `data`.
 */
int ledger_change(struct engine *e, enum ledger_file file, void (*fn)(void *list, void *data),
		  void *data, struct err *err) MUST_CHECK;
/* Is the file valid?  Returns what ledger_load_any() returns, but keeps no list. */
int ledger_check(const struct engine *e, enum ledger_file file, struct err *err) MUST_CHECK;
/*
 * If the file is damaged, keep it in .native/damaged/RUN/ and write its valid lines back.
 *
 * Returns 1 if that was done; `err` then says what was wrong.  Returns 0 if the file is valid,
 * missing or unreadable.  After an error nothing has changed.
 */
int ledger_settle(struct engine *e, enum ledger_file file, struct err *err) MUST_CHECK;
/* Append the folders .native/damaged/RUN that ledger_settle() has made. */
void ledger_kept(const struct engine *e, struct strv *ret);
/* Call ledger_settle() for every ledger.  Warn of each that was damaged, and of errors. */
void ledger_settle_all(struct engine *e);
