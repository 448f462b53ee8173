/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * lines - the format that our text files in <dkms_tree> share.
 *
 *	dkms-NAME 1
 *	KEY WORD WORD...
 *	end
 *
 * Lines and words are those of base/words.h.  The last line shows that the file is whole; nothing
 * may follow it.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

/* Append " WORD", escaped. */
void lines_add_word(struct buf *b, const char *word);
/* Append " KEY=VALUE", escaped; words_value() reads it.  Appends nothing if `value` is NULL. */
void lines_add_value(struct buf *b, const char *key, const char *value);

/*
 * Call fn for each line between the first line of the text, "dkms-NAME 1", and the last line.  fn
 * gets at least one word, and returns NULL, or a static text that says what is wrong.  Returns 0,
 * or -E_CORRUPT with a text in err that tells the first bad line.
 *
 * lines_read() is for files whose lines are independent: a bad line is skipped, and all others are
 * read.  A line that the end of the file cuts off is bad.  lines_parse() is for files that one bad
 * line makes useless: after a line that fn refused, fn is not called again.
 */
typedef const char *(*lines_fn)(const struct strv *words, void *data);
int lines_read(const char *text, size_t len, const char *name, lines_fn fn, void *data,
	       struct err *err) MUST_CHECK;
int lines_parse(const char *text, const char *name, lines_fn fn, void *data,
		struct err *err) MUST_CHECK;

/* Is `s` a SHA-256 in hex?  It may be NULL. */
bool lines_digest(const char *s);

/*
 * Parse a decimal number.  Returns false if `word` is NULL or no number, or if the number is too
 * large.
 */
bool lines_u64(const char *word, uint64_t *ret) MUST_CHECK;
bool lines_i64(const char *word, int64_t *ret) MUST_CHECK;
