/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/since.h"

#include <stdlib.h>
#include <string.h>

/*
 * Does the strptime(3) format `form` match the whole text?  Members of `tm` that the format does
 * not set stay as they are.
 */
static bool since_has_form(const char *text, const char *form, struct tm *tm)
{
	const char *end = strptime(text, form, tm);

	return end && !*end;
}

static bool since_parse_ago(const char *text, time_t now, time_t *ret)
{
	static const struct {
		char letter;
		time_t seconds;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	size_t digits = strspn(text, "0123456789");
	long n;

	if (!digits || digits > 6 || strlen(text) != digits + 1)
		return false;
	n = strtol(text, NULL, 10);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (text[digits] == units[i].letter) {
			*ret = now - n * units[i].seconds;
			return true;
		}
	}
	return false;
}

/*
 * Returns local midnight at the start of the day that lies `days` days before today.  tm_mday may
 * be below 1: the result is for mktime(), which accepts that.
 */
static struct tm since_midnight(time_t now, int days)
{
	struct tm tm = { 0 };

	if (!localtime_r(&now, &tm))
		tm = (struct tm){ 0 };
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday -= days;
	return tm;
}

static bool since_parse_local(const char *text, time_t now, time_t *ret)
{
	static const char *const times[] = { "%H:%M", "%H:%M:%S" };
	static const char *const dates[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S",
					     "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S" };
	struct tm tm = since_midnight(now, strcmp(text, "yesterday") == 0);
	bool good = strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0;

	for (size_t i = 0; !good && i < ARRAY_SIZE(times); i++) {
		tm = since_midnight(now, 0);
		good = since_has_form(text, times[i], &tm);
	}
	for (size_t i = 0; !good && i < ARRAY_SIZE(dates); i++) {
		tm = (struct tm){ 0 };
		good = since_has_form(text, dates[i], &tm);
	}
	tm.tm_isdst = -1;
	if (good)
		*ret = mktime(&tm);
	return good;
}

int since_parse(const char *text, time_t now, time_t *ret, struct err *err)
{
	struct tm utc = { 0 };

	if (since_parse_ago(text, now, ret) || since_parse_local(text, now, ret))
		return 0;
	if (since_has_form(text, "%Y-%m-%dT%H:%M:%SZ", &utc)) {
		*ret = timegm(&utc);
		return 0;
	}
	return err_set(err, -E_USAGE,
		       "--since does not know the time '%s'.\n"
		       "It takes 90m, 12h, 2d, 3w, today, yesterday, 14:30, 2026-11-20 or "
		       "'2026-11-20 14:30'.",
		       text);
}
