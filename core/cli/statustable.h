/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * statustable - how everything stands: a table for people, and one line for monitoring.
 */
#include "cli/statusjson.h"
#include "cli/terminal.h"
#include "survey/stand.h"

/*
 * Append a table of the standings that fit the filter; with `problems`, only of those that need a
 * person; nothing if there are none.  Returns how many of its rows need a person.
 */
size_t status_table(const struct stand *s, const struct json_filter *filter, bool problems,
		    const struct terminal *term, struct buf *ret);

/* The exit statuses of a monitoring plugin. */
enum check_status { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };
/*
 * Append the line of --check, "DKMS WARNING - TEXT | LABEL=VALUE;WARN;CRIT;MIN ...", and return
 * the exit status, about the standings that fit the filter.
 *
 * Critical: a module package that is wanted is missing on the running kernel, or on the newest one,
 * which the next boot will take.  Warning: any other problem.
 */
enum check_status status_check(const struct stand *s, const struct json_filter *filter,
			       struct buf *ret);
/* The same for a machine that cannot be judged; `why` is the reason. */
enum check_status status_check_unknown(const char *why, struct buf *ret);
