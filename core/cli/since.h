/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * since - the forms of --since; times are in the local time zone:
 *
 *	90m 12h 2d 3w			that long ago: minutes, hours, days of 24 hours, weeks
 *	today yesterday			midnight at the beginning of that day
 *	14:30 14:30:05			today
 *	2026-11-20			midnight at the beginning of that day
 *	"2026-11-20 14:30[:05]"		or with a T between date and time
 *	2026-11-20T14:30:05Z		UTC, as in dkms log --json
 */
#include <time.h>

#include "base/error.h"

/* Parse `text`.  Fails with -E_USAGE if it has none of the forms above. */
int since_parse(const char *text, time_t now, time_t *ret, struct err *err) MUST_CHECK;
