/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * lines - the frame that all our files in <dkms_tree> share.
 *
 *	dkms-NAME 1
 *	KEY WORD WORD...
 *	end
 *
 * Lines and words are those of base/words.h.  The last line says that the file is whole; nothing
 * may follow it.
 */
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

/* Append " WORD", escaped. */
void lines_add_word(struct buf *b, const char *word);
/* Append " KEY=VALUE", escaped; nothing when value is NULL.  words_value() reads it. */
void lines_add_value(struct buf *b, const char *key, const char *value);

/*
 * Call fn for every line between the first and the last one; words has at
 * least one.  fn returns NULL or a static text that says what is wrong.
 * -E_CORRUPT with the line's number in err.
 *
 * lines_read() is for files whose lines stand for themselves: a line that is refused is passed
 * over, and so is a last one whose newline is missing; the rest is read.  lines_parse() is for
 * files that are one thing: after a line that fn refuses fn is called no more.
 */
typedef const char *(*lines_fn)(const struct strv *words, void *data);
int lines_read(const char *text, size_t len, const char *name, lines_fn fn, void *data,
	       struct err *err) MUST_CHECK;
int lines_parse(const char *text, const char *name, lines_fn fn, void *data,
		struct err *err) MUST_CHECK;

/* A SHA-256 in hex; NULL is none. */
bool lines_digest(const char *s);

/* Decimal, nothing before or after it, no overflow; false otherwise. */
bool lines_u64(const char *word, uint64_t *ret) MUST_CHECK;
bool lines_i64(const char *word, int64_t *ret) MUST_CHECK;
