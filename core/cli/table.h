/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * table - rows for a terminal: a few narrow columns and a last one that is wrapped.
 *
 * On a terminal that is too narrow for that, each cell gets a line of its own.  Cells may have text
 * from others, so control characters in them are made visible here.  Pure: the caller says how wide
 * the terminal is.
 */
#include "base/buf.h"

enum table_tint { TINT_NONE, TINT_HEAD, TINT_GOOD, TINT_WARN, TINT_BAD, TINT_DIM, TINT_COUNT_ };
/*
 * The text of a table has the byte TABLE_MARK + tint before a tinted cell, and the byte
 * TABLE_MARK + TINT_NONE after it.  report_print_tinted() makes colours of these bytes, or drops
 * them.
 */
#define TABLE_MARK  1
#define TABLE_MARKS "\1\2\3\4\5\6"

#define TABLE_COLUMNS 5
struct table_row {
	char *cells[TABLE_COLUMNS]; /* the last one is wrapped; NULL: empty */
	char *more;		    /* a line below the last cell; NULL: none */
	enum table_tint tint;	    /* of the cell before the last one */
};

struct table {
	struct table_row *rows; /* the first one is the head */
	size_t n;
	size_t width; /* columns of the terminal; 0: no limit */
	bool ascii;   /* the terminal shows ASCII only */
};
#define AUTO_TABLE CLEANUP(table_release)

void table_release(struct table *t);
/* Append an empty row; the pointer is valid until the next one is added. */
struct table_row *table_add(struct table *t);
/* Append s, wrapped to lines of `width` columns; 0: no limit. */
void table_add_text(struct buf *b, const char *s, size_t width);
void table_print(const struct table *t, struct buf *b);
