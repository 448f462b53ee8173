/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * since - the times that --since takes, in the local time zone:
 *
 *	90m 12h 2d 3w			so long ago: minutes, hours, days of 24 hours, weeks
 *	today yesterday			their midnight
 *	14:30 14:30:05			today
 *	2026-11-20			its midnight
 *	"2026-11-20 14:30[:05]"		also with a T in between
 *	2026-11-20T14:30:05Z		UTC, as JSON has it
 */
#include <time.h>

#include "base/error.h"

/* now: seconds since 1970.  -E_USAGE with a text that names the forms. */
int since_parse(const char *text, time_t now, time_t *ret, struct err *err) MUST_CHECK;
