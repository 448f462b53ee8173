/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * statustable - how everything stands: a table for people, and one line for monitoring.
 */
#include "cli/statusjson.h"
#include "cli/terminal.h"
#include "survey/stand.h"

/*
 * Append a table of the standings that fit the filter; with `problems`, only rows that need a
 * person.  If there is no row, append nothing.  Returns how many rows need a person.
 */
size_t status_table(const struct stand *s, const struct json_filter *filter, bool problems,
		    const struct terminal *term, struct buf *ret);

/* The exit statuses of a monitoring plugin. */
enum check_status { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };
/*
 * Append the line of --check about the standings that fit the filter:
 * "DKMS WARNING - TEXT | LABEL=VALUE;WARN;CRIT;MIN ...".  Returns the exit status.
 *
 * Critical: a wanted module package is missing on the running kernel, or on the newest one, which
 * the next boot will take.  Warning: there is any other problem.
 */
enum check_status status_check(const struct stand *s, const struct json_filter *filter,
			       struct buf *ret);
/* The same for a machine that cannot be judged; `why` is the reason. */
enum check_status status_check_unknown(const char *why, struct buf *ret);
