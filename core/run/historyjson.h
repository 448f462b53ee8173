/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * historyjson - the history as JSON: the lines of its file, and the output of `dkms log --json`.
 * The documents of the other commands are made through cli/jsondoc.h.
 *
 * A line is one object with "schema": 1 and "line": "begin", "step" or "end".  Members:
 *	all	run, time (UTC, "2026-11-21T22:01:02Z"), uid, user, command, caller, from, packages,
 *		packages_left_out
 *	begin	pid, start, targets
 *	step	step (its number in the plan), kind, name, version, kernel, arch, result, msec,
 *		status, reason, error, error_lines, log, request
 *	end	status, interrupted, refused, msec, error
 * Long texts are cut, so that a line is shorter than HISTORY_LINE_MAX bytes.
 */
#include "base/buf.h"
#include "model/history.h"

#define HISTORY_LINE_MAX     (256u << 10)
#define HISTORY_PACKAGES_MAX 32	 /* in one line; the others are counted */
#define HISTORY_TARGETS_MAX  128 /* in one line */
#define HISTORY_LINES_MAX    8	 /* error lines of a step */

/* Append one line with its '\n'. */
void history_entry_print(const struct history_entry *e, struct buf *ret);
/*
 * Parse a line without its '\n'.  -EBADMSG if it is no entry.  A member that is missing or has the
 * wrong type counts as null.
 */
int history_entry_parse(const char *text, size_t len, struct history_entry *ret) MUST_CHECK;

/* Append the output of dkms log --json (see dkms(8)); states[i] is the state of h->runs[i]. */
void history_json(const struct history *h, const struct history_filter *f,
		  const enum history_state *states, struct buf *ret);
const char *history_state_name(enum history_state s);
/* "2026-11-21T22:01:02Z"; caller frees. */
char *history_time(int64_t t);
