/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * statustable - how everything stands, for a person: a table, and one line for monitoring.
 */
#include "cli/statusjson.h"
#include "cli/terminal.h"
#include "survey/stand.h"

/* Append the rows that fit the filter; with `problems`, only those.  Returns how many problems. */
size_t status_table(const struct stand *s, const struct json_filter *filter, bool problems,
		    const struct terminal *term, struct buf *ret);

/* What monitoring calls the exit status of a plugin. */
enum check_status { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };
/*
 * Append the one line of --check, "DKMS WARNING - TEXT | LABEL=VALUE;WARN;CRIT;MIN ...".
 *
 * Critical: a module package that is wanted is missing on the running kernel, or on the newest one,
 * which the next boot will take.  Warning: any other problem.
 */
enum check_status status_check(const struct stand *s, const struct json_filter *filter,
			       struct buf *ret);
/* The line for a machine that cannot be looked at. */
enum check_status status_check_unknown(const char *why, struct buf *ret);
