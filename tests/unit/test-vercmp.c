/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/vercmp.h"

#include "test.h"

#include "base/util.h"

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void order(void **state)
{
	static const struct {
		const char *a, *b;
		int want;
	} cases[] = {
		{ "1.0", "1.0", 0 },
		{ "", "", 0 },
		{ "", "1", -1 },
		{ "9.0", "10.0", -1 },
		{ "1.01", "1.1", 0 },
		{ "0001", "1", 0 },
		{ "1.999", "1.1000", -1 },
		{ "2.6.9-1cvs200409091247", "2.6.9-1cvs200409091248", -1 },
		{ "99999999999999999999999999999998", "99999999999999999999999999999999", -1 },
		/* What BUILD_EXCLUSIVE_KERNEL_MAX and _MIN rely on. */
		{ "6.1", "6.1.0-56-amd64", -1 },
		{ "6.1.0-56-amd64", "6.2", -1 },
		{ "6.1.0-rc1", "6.1.0", 1 },
		{ "1.0-1", "1.0.1", -1 },
		{ "1a", "1b", -1 },
		{ "1.a", "1.1", 1 },
		{ "a1", "ab", -1 },
		{ "1.", "1.0", -1 },
		{ "1\xc3\xa9", "1z", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(sign(vercmp(cases[i].a, cases[i].b)), cases[i].want);
		assert_int_equal(sign(vercmp(cases[i].b, cases[i].a)), -cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
