/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/since.h"

#include <stdlib.h>

#include "unit.h"

#define NOW 1795368600 /* Sunday 2026-11-22 17:30:00 UTC */

static void assert_since(const char *text, const char *want)
{
	time_t t = 0;
	struct tm tm;
	char got[64];
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(since_parse(text, NOW, &t, &err), 0);
	assert_non_null(gmtime_r(&t, &tm));
	strftime(got, sizeof(got), "%Y-%m-%d %H:%M:%S", &tm);
	assert_string_equal(got, want);
}

static void knows_its_forms(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	assert_since("90m", "2026-11-22 16:00:00");
	assert_since("12h", "2026-11-22 05:30:00");
	assert_since("2d", "2026-11-20 17:30:00");
	assert_since("3w", "2026-11-01 17:30:00");
	assert_since("today", "2026-11-22 00:00:00");
	assert_since("yesterday", "2026-11-21 00:00:00");
	assert_since("14:30", "2026-11-22 14:30:00");
	assert_since("14:30:05", "2026-11-22 14:30:05");
	assert_since("2026-11-20", "2026-11-20 00:00:00");
	assert_since("2026-11-20 14:30", "2026-11-20 14:30:00");
	assert_since("2026-11-20T14:30:05", "2026-11-20 14:30:05");
	assert_since("2026-11-20T14:30:05Z", "2026-11-20 14:30:05");
}

static void is_local_time(void **state)
{
	(void)state;
	setenv("TZ", "XST-9", 1);
	tzset();
	assert_since("today", "2026-11-22 15:00:00"); /* there it is the 23rd */
	assert_since("2026-11-20", "2026-11-19 15:00:00");
	assert_since("2026-11-20T14:30:05Z", "2026-11-20 14:30:05");
}

static void refuses_the_rest_and_names_the_forms(void **state)
{
	static const char *const bad[] = { "",		"d",	      "2",
					   "2y",	"-2d",	      "2 d",
					   "soon",	"2026-13-01", "2026-11-20x",
					   "99999999d", "25:00",      "2026-11" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_ERR struct err err = ERR_INIT;
		time_t t = 7;

		assert_int_equal(since_parse(bad[i], NOW, &t, &err), -E_USAGE);
		assert_int_equal(t, 7);
		assert_non_null(strstr(err.text, "yesterday"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_its_forms),
		cmocka_unit_test(is_local_time),
		cmocka_unit_test(refuses_the_rest_and_names_the_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
