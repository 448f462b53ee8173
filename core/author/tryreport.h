/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tryreport - the results of a try as a matrix for people, and as JUnit's XML for machines.  Pure.
 */
#include "author/tries.h"
#include "base/buf.h"

/* Append a line for each kernel, and a last line that counts them. */
void tryreport_text(const struct tries *t, struct buf *b);
/*
 * Append a JUnit document.  The module package is its one test suite, each kernel a test case.  A
 * kernel that is excluded or was not tried is a skipped test case.
 *
 * `log` may be NULL.  It returns the text of a failed build's log, or NULL if there is none;
 * tryreport_junit() frees the text.
 */
typedef char *(*tryreport_log_fn)(const struct try_result *r, void *data);
void tryreport_junit(const struct tries *t, tryreport_log_fn log, void *data, struct buf *b);
/* One line about a build that has ended: "hello/1.0 for K: built (1 of 3, 2 s)".  Caller frees. */
char *tryreport_line(const struct tries *t, const struct try_result *r);
