/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/similar.h"

#include <string.h>

#include "unit.h"

static const char *const words[] = { "add",
				     "build",
				     "unbuild",
				     "install",
				     "uninstall",
				     "remove",
				     "status",
				     "log",
				     "fsck",
				     "--force",
				     "--force-version-override" };

static const char *meant(const char *typed)
{
	struct similar s = SIMILAR_INIT(typed);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		similar_offer(&s, words[i]);
	return s.best;
}

static void test_found(void **state)
{
	(void)state;
	assert_string_equal(meant("instal"), "install");
	assert_string_equal(meant("intsall"), "install");
	assert_string_equal(meant("unistall"), "uninstall");
	assert_string_equal(meant("stauts"), "status");
	assert_string_equal(meant("stat"), "status");
	assert_string_equal(meant("lgo"), "log");
	assert_string_equal(meant("--forec"), "--force");
	assert_string_equal(meant("--force-version"), "--force-version-override");
}

static void test_not_found(void **state)
{
	char longest[70];

	(void)state;
	assert_null(meant(""));
	assert_null(meant("x"));
	assert_null(meant("do"));
	assert_null(meant("compile"));
	assert_null(meant("acpi-call"));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(meant(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
