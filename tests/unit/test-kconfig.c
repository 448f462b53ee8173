/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/kconfig.h"

#include "test.h"

static void reads(void **state)
{
	static const char text[] = "#\n# Automatically generated\n#\n"
				   "CONFIG_Z=y\n"
				   "CONFIG_MODULES=y\n"
				   "CONFIG_USB=m\n"
				   "# CONFIG_KASAN is not set\n"
				   "CONFIG_OFF=n\n"
				   "CONFIG_HZ=250\n"
				   "CONFIG_CC_VERSION_TEXT=\"gcc-12 (Debian \\\"12\\\") 12.2.0\"\n"
				   "CONFIG_PLAIN=gcc-14 (GCC) 14.1\n"
				   "CONFIG_EMPTY=\"\"\n"
				   "CONFIG_NONE=\n"
				   "CONFIG_QUOTE=\"\n"
				   "CONFIG_DOS=y\r\n"
				   "CONFIG_NOVALUE\n"
				   "OTHER=y\n"
				   "CONFIG_TWICE=y\n"
				   "CONFIG_TWICE=n\n"
				   "CONFIG_LAST=m";
	struct kconfig c;

	(void)state;
	kconfig_parse(text, &c);
	assert_true(kconfig_enabled(&c, "CONFIG_MODULES"));
	assert_true(kconfig_enabled(&c, "CONFIG_USB"));
	assert_true(kconfig_enabled(&c, "CONFIG_Z"));
	assert_true(kconfig_enabled(&c, "CONFIG_DOS"));
	assert_true(kconfig_enabled(&c, "CONFIG_LAST"));
	assert_false(kconfig_enabled(&c, "CONFIG_OFF"));
	assert_false(kconfig_enabled(&c, "CONFIG_HZ"));
	assert_false(kconfig_enabled(&c, "CONFIG_TWICE"));
	assert_null(kconfig_get(&c, "CONFIG_KASAN"));
	assert_null(kconfig_get(&c, "CONFIG_NOVALUE"));
	assert_null(kconfig_get(&c, "OTHER"));
	assert_string_equal(kconfig_get(&c, "CONFIG_HZ"), "250");
	assert_string_equal(kconfig_get(&c, "CONFIG_CC_VERSION_TEXT"),
			    "gcc-12 (Debian \"12\") 12.2.0");
	assert_string_equal(kconfig_get(&c, "CONFIG_PLAIN"), "gcc-14 (GCC) 14.1");
	assert_string_equal(kconfig_get(&c, "CONFIG_EMPTY"), "");
	assert_string_equal(kconfig_get(&c, "CONFIG_NONE"), "");
	assert_string_equal(kconfig_get(&c, "CONFIG_QUOTE"), "\"");
	kconfig_release(&c);
}

static void empty(void **state)
{
	struct kconfig c;

	(void)state;
	kconfig_parse("", &c);
	assert_int_equal(c.n, 0);
	assert_null(kconfig_get(&c, "CONFIG_X"));
	assert_false(kconfig_enabled(&c, "CONFIG_X"));
	kconfig_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
