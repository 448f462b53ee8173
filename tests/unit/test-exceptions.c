/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/exceptions.h"

#include "test.h"

#define FILE_NAME "/etc/dkms/confine.d/foo.conf"

static void expect_bad(const char *text, const char *words)
{
	AUTO_EXCEPTIONS struct exceptions x = EXCEPTIONS_INIT;
	AUTO_ERR struct err err = ERR_INIT;

	assert_int_equal(exceptions_parse(text, FILE_NAME, &x, &err), -E_BAD_EXCEPTION);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in: %s", words, err.text);
}

static void reads_all_kinds(void **state)
{
	AUTO_EXCEPTIONS struct exceptions x = EXCEPTIONS_INIT;

	(void)state;
	assert_int_equal(
		exceptions_parse("# why\n\n  write=/opt/a b \r\nwrite=/srv\nread=/home/me/linux\n"
				 "network=yes",
				 FILE_NAME, &x, NULL),
		0);
	assert_int_equal(x.write.n, 2);
	assert_string_equal(x.write.v[0], "/opt/a b");
	assert_string_equal(x.write.v[1], "/srv");
	assert_int_equal(x.read.n, 1);
	assert_string_equal(x.read.v[0], "/home/me/linux");
	assert_true(x.network);
	assert_false(x.off);
}

static void off_is_a_line_of_its_own(void **state)
{
	AUTO_EXCEPTIONS struct exceptions x = EXCEPTIONS_INIT;

	(void)state;
	assert_int_equal(exceptions_parse("network=no\noff\n", FILE_NAME, &x, NULL), 0);
	assert_true(x.off);
	assert_false(x.network);
}

static void nothing_is_nothing(void **state)
{
	AUTO_EXCEPTIONS struct exceptions x = EXCEPTIONS_INIT;

	(void)state;
	assert_int_equal(exceptions_parse("", FILE_NAME, &x, NULL), 0);
	assert_false(x.off || x.network || x.write.n || x.read.n);
}

/* What was misspelt must not be taken for what is not needed. */
static void refuses_all_else(void **state)
{
	static const char *const bad[] = { "wirte=/opt",    "write=",	"write=opt", "write=/",
					   "write=/opt/..", "read=//x", "network",   "network=1",
					   "Off",	    "off # why" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		expect_bad(bad[i], bad[i]);
	expect_bad("\n\nwhat\n", FILE_NAME ":3: what is none of");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all_kinds),
		cmocka_unit_test(off_is_a_line_of_its_own),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(refuses_all_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
