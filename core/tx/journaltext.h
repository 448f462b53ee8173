/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * journaltext - the text of a transaction's file in the journal:
 *
 *	dkms-journal 1
 *	what NAME
 *	put NUMBER PATH file|none		was there a file at PATH?
 *	del NUMBER PATH
 *	puttree NUMBER PATH FROM
 *	deltree NUMBER PATH rename|copy		how the old tree is saved
 *	mkdir NUMBER PATH
 *	rmdir NUMBER PATH
 *	end
 *
 * Words are escaped as by buf_add_escaped().
 */
#include "base/buf.h"
#include "tx/state.h"

void journal_print(const struct tx *tx, struct buf *b);
/* Is the text complete, up to the "end" line? */
bool journal_is_whole(const struct buf *b);
/*
 * Parse a text that journal_is_whole() accepts.  Returns false if the text is damaged; then tx
 * holds what came before the damage.
 */
bool journal_parse(struct tx *tx, const char *text);
/* Parse every complete and valid line of a damaged text, and skip the others. */
void journal_salvage(struct tx *tx, const char *text);
/*
 * Parse a decimal number of at most 9 digits without leading zeros.  Returns false if s is no such
 * number.
 */
bool journal_number(const char *s, size_t len, unsigned int *ret);
