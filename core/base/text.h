/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * text - text that others wrote, made fit for a JSON document or a terminal.
 *
 * Error lines of a compiler, command lines and names come from anywhere, and a history may have
 * been damaged: none of them may break a document or move the cursor of whoever reads it.
 */
#include "base/buf.h"

/* Bytes of the character at s, of which n (> 0) bytes are there; 0 when it is not valid UTF-8. */
size_t text_length(const char *s, size_t n);
/*
 * Append s as valid UTF-8: what is none becomes U+FFFD.  Longer than max bytes: cut at a whole
 * character, "..." stands for the rest.
 */
void text_add_valid(struct buf *b, const char *s, size_t max);
/*
 * Append s as one line of visible text: tabs and line ends become blanks; control characters,
 * those that turn the direction of writing, and what is no UTF-8 become \xNN, byte by byte.
 */
void text_add_visible(struct buf *b, const char *s);
/* The same for text of several lines: tabs and line ends stay. */
void text_add_lines(struct buf *b, const char *s);
/*
 * Append a JSON document whose strings may hold anything but unescaped control characters of ASCII:
 * what is no UTF-8 in them becomes U+FFFD, and what is not visible is escaped.
 */
void text_add_json(struct buf *b, const char *s);
