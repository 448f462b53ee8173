/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * text - make what others wrote fit for a JSON document or a terminal.
 *
 * Compiler messages, command lines and names may hold anything, and a history may be damaged.  They
 * must not break a document or move the cursor of the reader's terminal.
 */
#include "base/buf.h"

/* Length of the first character of s, which has n > 0 bytes; 0 if it is not valid UTF-8. */
size_t text_length(const char *s, size_t n);
/*
 * Append s as valid UTF-8: each invalid byte becomes U+FFFD.  At most `max` bytes of whole
 * characters are appended; if that is not all of s, "..." follows.
 */
void text_add_valid(struct buf *b, const char *s, size_t max);
/*
 * Append s as one line of visible text.  Tabs and newlines become blanks.  Control characters,
 * characters that change the direction of text, invisible ones and invalid UTF-8 become \xNN, byte
 * by byte.
 */
void text_add_visible(struct buf *b, const char *s);
/* As text_add_visible(), but for several lines: tabs and newlines stay. */
void text_add_lines(struct buf *b, const char *s);
/*
 * Append s, a JSON document.  In its strings ASCII control characters must be escaped already.
 * Invalid UTF-8 becomes \ufffd.  Other characters that are not visible become \uNNNN, but newlines
 * stay.
 */
void text_add_json(struct buf *b, const char *s);
