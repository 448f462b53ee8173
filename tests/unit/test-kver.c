/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/kver.h"

#include "test.h"

/* Ascending; every pair is compared both ways. */
static void order(void **state)
{
	static const char *const releases[] = {
		"next-2024",
		"4.19.0-27-amd64",
		"5.9.16",
		"5.10.0-9-amd64",
		"5.10.0-30-amd64",
		"6.1-rc8",
		"6.1",
		"6.1+",
		"6.1-1-custom",
		"6.1.0-9-amd64",
		"6.1.0-56-amd64",
		"6.1.0-56-cloud-amd64",
		"6.1.0-56-rt-amd64",
		"6.9.7",
		"6.12~rc6-amd64",
		"6.12~rc7-amd64",
		"6.12",
		"6.12.0-0.rc1.20240923git.12.fc42.x86_64",
		"6.12.0-55.el10.x86_64",
		"6.12.0-055.el10.x86_64.debug",
		"6.12.1-arch1-1",
		"6.12.1-zen1-1-zen",
		"6.12.10-arch1-1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(releases); i++) {
		assert_int_equal(kver_compare(releases[i], releases[i]), 0);
		for (size_t j = i + 1; j < ARRAY_SIZE(releases); j++) {
			if (kver_compare(releases[i], releases[j]) >= 0 ||
			    kver_compare(releases[j], releases[i]) <= 0)
				fail_msg("%s is not below %s", releases[i], releases[j]);
		}
	}
}

static void pre_releases(void **state)
{
	(void)state;
	assert_true(kver_compare("6.12-rc1", "6.12") < 0);
	assert_true(kver_compare("6.12~rc7", "6.12") < 0);
	assert_true(kver_compare("6.12-rc1", "6.12-rc10") < 0);
	assert_true(kver_compare("6.12-rc2", "6.12~rc3") < 0);
	/* Without a number "-rc" begins a flavour. */
	assert_true(kver_compare("6.12-rcu", "6.12") > 0);
}

static void different_names_differ(void **state)
{
	(void)state;
	assert_true(kver_compare("6.01", "6.1") < 0);
	assert_true(kver_compare("6.1", "6.01") > 0);
	assert_true(kver_compare("", "6.1") < 0);
}

static void listed(void **state)
{
	(void)state;
	assert_true(kver_is_listed("6.1.0-56-amd64"));
	assert_true(kver_is_listed("10.0"));
	assert_false(kver_is_listed("next-2024"));
	assert_false(kver_is_listed("6"));
	assert_false(kver_is_listed("original_module"));
	assert_false(kver_is_listed(".1"));
	assert_false(kver_is_listed(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(pre_releases),
		cmocka_unit_test(different_names_differ),
		cmocka_unit_test(listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
