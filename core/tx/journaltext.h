/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * journaltext - what a transaction's file in the journal says.
 */
#include "base/buf.h"
#include "tx/state.h"

void journal_print(const struct tx *tx, struct buf *b);
/* Was it written to its end? */
bool journal_is_whole(const struct buf *b);
/* A whole one's text; false: it is damaged, and tx has a part of it. */
bool journal_parse(struct tx *tx, const char *text);
/* All lines that are sound, of whatever there is. */
void journal_salvage(struct tx *tx, const char *text);
/* Decimal as "%u" prints it. */
bool journal_number(const char *s, size_t len, unsigned int *ret);
