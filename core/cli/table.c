/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/table.h"

#include "base/alloc.h"
#include "base/text.h"

enum {
	LAST = TABLE_COLUMNS - 1,
	GAP = 2,     /* blanks between two columns */
	NARROW = 24, /* the least width of the last column */
	INDENT = 2,  /* blanks before all lines of a row but the first, on a narrow terminal */
};

void table_release(struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < TABLE_COLUMNS; k++)
			free(t->rows[i].cells[k]);
		free(t->rows[i].more);
	}
	free(t->rows);
	*t = (struct table){ 0 };
}

struct table_row *table_add(struct table *t)
{
	struct table_row row = { .tint = TINT_NONE };

	VEC_PUSH(t->rows, t->n, row);
	return &t->rows[t->n - 1];
}

/* ---- cells ---- */

static bool table_is_continued(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* How many columns s takes, if each character is one column wide. */
static size_t table_columns(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += !table_is_continued(*s);
	return n;
}

/* Append s in ASCII: curly quotes, as compilers print, become ', other non-ASCII characters '?'. */
static void table_add_ascii(struct buf *b, const char *s)
{
	while (*s) {
		if (!((unsigned char)*s & 0x80)) {
			buf_addch(b, *s++);
			continue;
		}
		buf_addch(b, str_begins(s, "\u2018") || str_begins(s, "\u2019") ? '\'' : '?');
		for (s++; table_is_continued(*s); s++)
			;
	}
}

/* The cell as it is shown; caller frees. */
static char *table_cell(const struct table *t, const char *s)
{
	struct buf visible = BUF_INIT, ascii = BUF_INIT;

	text_add_visible(&visible, s ? s : "");
	if (!t->ascii)
		return buf_detach(&visible);
	table_add_ascii(&ascii, visible.s);
	buf_release(&visible);
	return buf_detach(&ascii);
}

static void table_add_blanks(struct buf *b, size_t n)
{
	while (n--)
		buf_addch(b, ' ');
}

static void table_add_tinted(struct buf *b, const char *s, enum table_tint tint)
{
	if (tint == TINT_NONE) {
		buf_adds(b, s);
		return;
	}
	buf_addch(b, (char)(TABLE_MARK + tint));
	buf_adds(b, s);
	buf_addch(b, TABLE_MARK + TINT_NONE);
}

/* ---- wrapped text ---- */

/* Length in bytes of the first `columns` characters of s. */
static size_t table_cut(const char *s, size_t columns)
{
	size_t n = 0;

	while (s[n]) {
		if (!table_is_continued(s[n]) && columns-- == 0)
			break;
		n++;
	}
	return n;
}

/* Length in bytes of what fits on a line of `columns` characters, up to a blank if there is one. */
static size_t table_line(const char *s, size_t columns)
{
	size_t n = table_cut(s, columns), end = n;

	if (!s[n])
		return n;
	while (end && s[end] != ' ')
		end--;
	return end ? end : n;
}

/* Append s, wrapped to `columns` (0: no limit).  Lines after the first get `indent` blanks. */
static void table_add_wrapped(struct buf *b, const char *s, size_t indent, size_t columns)
{
	bool first = true;

	while (*s) {
		size_t n = columns ? table_line(s, columns) : strlen(s);

		if (!first)
			table_add_blanks(b, indent);
		buf_add(b, s, n);
		buf_addch(b, '\n');
		for (s += n; *s == ' '; s++)
			;
		first = false;
	}
	if (first)
		buf_addch(b, '\n');
}

void table_add_text(struct buf *b, const char *s, size_t width)
{
	table_add_wrapped(b, s, 0, width);
}

/* ---- the two forms ---- */

static void table_measure(const struct table *t, size_t widths[])
{
	for (size_t k = 0; k < LAST; k++) {
		widths[k] = 0;
		for (size_t i = 0; i < t->n; i++) {
			AUTO_FREE char *cell = table_cell(t, t->rows[i].cells[k]);
			size_t n = table_columns(cell);

			if (n > widths[k])
				widths[k] = n;
		}
	}
}

static enum table_tint table_tint_of(const struct table *t, size_t i, size_t k)
{
	if (i == 0)
		return TINT_HEAD;
	return k == LAST - 1 ? t->rows[i].tint : TINT_NONE;
}

static void table_trim(struct buf *b)
{
	while (b->len && b->s[b->len - 1] == ' ')
		buf_truncate(b, b->len - 1);
}

static void table_print_row(const struct table *t, size_t i, const size_t widths[], size_t left,
			    struct buf *b)
{
	const struct table_row *row = &t->rows[i];
	AUTO_FREE char *last = table_cell(t, row->cells[LAST]);
	AUTO_FREE char *more = table_cell(t, row->more);
	size_t columns = t->width ? t->width - left : 0;

	for (size_t k = 0; k < LAST; k++) {
		AUTO_FREE char *cell = table_cell(t, row->cells[k]);

		table_add_tinted(b, cell, table_tint_of(t, i, k));
		table_add_blanks(b, widths[k] + GAP - table_columns(cell));
	}
	if (i == 0) {
		table_add_tinted(b, last, TINT_HEAD);
		buf_addch(b, '\n');
	} else if (*last) {
		table_add_wrapped(b, last, left, columns);
	} else {
		table_trim(b);
		buf_addch(b, '\n');
	}
	if (*more) {
		table_add_blanks(b, left);
		table_add_wrapped(b, more, left, columns);
	}
}

static void table_print_narrow(const struct table *t, size_t i, struct buf *b)
{
	const struct table_row *row = &t->rows[i];
	size_t indent = t->width > 4 * INDENT ? INDENT : 0;
	size_t columns = t->width - indent;
	AUTO_FREE char *more = table_cell(t, row->more);

	for (size_t k = 0; k < TABLE_COLUMNS; k++) {
		AUTO_FREE char *cell = table_cell(t, row->cells[k]);

		if (!*cell)
			continue;
		table_add_blanks(b, k ? indent : 0);
		if (k == LAST - 1 && table_columns(cell) <= columns) {
			table_add_tinted(b, cell, row->tint);
			buf_addch(b, '\n');
		} else {
			table_add_wrapped(b, cell, indent, columns);
		}
	}
	if (*more) {
		table_add_blanks(b, indent);
		table_add_wrapped(b, more, indent, columns);
	}
}

void table_print(const struct table *t, struct buf *b)
{
	size_t widths[LAST], left = 0;

	table_measure(t, widths);
	for (size_t k = 0; k < LAST; k++)
		left += widths[k] + GAP;
	if (t->width && left + NARROW > t->width) {
		for (size_t i = 1; i < t->n; i++)
			table_print_narrow(t, i, b);
		return;
	}
	for (size_t i = 0; i < t->n; i++)
		table_print_row(t, i, widths, left, b);
}
