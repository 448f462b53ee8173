/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * historyjson - the history as JSON: its lines on the disk, and what `dkms log --json` prints.
 * With json.c the only file that touches json-c.
 *
 * A line is one object with "schema": 1.  "line" is begin, step or end; in every line stand
 *	run, time (UTC, "2026-11-21T22:01:02Z"), uid, user, command, caller, from, packages;
 * in a step also step (its number in the plan), kind, name, version, kernel, arch, result, msec,
 *	status, reason, error, error_lines, log;
 * at the beginning pid and start; at the end status, interrupted, msec, error.
 * Texts are cut to what a person reads, so that a line has less than HISTORY_LINE_MAX bytes.
 */
#include "base/buf.h"
#include "model/history.h"

#define HISTORY_LINE_MAX     (256u << 10)
#define HISTORY_PACKAGES_MAX 32 /* in one line; the others are counted */
#define HISTORY_LINES_MAX    8	/* error lines of a step */

/* One line with its '\n'. */
void history_entry_print(const struct history_entry *e, struct buf *ret);
/*
 * A line without its '\n'.  -EBADMSG for what is no such entry; members that are missing or of
 * another type are as if null.
 */
int history_entry_parse(const char *text, size_t len, struct history_entry *ret) MUST_CHECK;

/* The document of dkms log --json; the run at i is in state states[i].  Schema: dkms(8). */
void history_json(const struct history *h, const struct history_filter *f,
		  const enum history_state *states, struct buf *ret);
const char *history_state_name(enum history_state s);
/* "2026-11-21T22:01:02Z"; caller frees. */
char *history_time(int64_t t);
