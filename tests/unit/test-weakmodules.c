/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "install/weakmodules.h"

#include "test.h"

#include "base/alloc.h"

static const struct {
	const char *distro;
	enum weak_modules what;
	const char *command; /* NULL: none */
} cases[] = {
	{ "rhel fedora", WEAK_ADD, "/usr/sbin/weak-modules --no-initramfs --add-modules" },
	{ "rhel centos fedora", WEAK_REMOVE,
	  "/usr/sbin/weak-modules --no-initramfs --remove-modules" },
	{ "suse opensuse", WEAK_ADD,
	  "/usr/lib/module-init-tools/weak-modules2 --add-kernel-modules 6.4-default" },
	{ "opensuse suse", WEAK_REMOVE,
	  "/usr/lib/module-init-tools/weak-modules2 --remove-kernel-modules 6.4-default" },
	{ "sles", WEAK_ADD,
	  "/usr/lib/module-init-tools/weak-modules2 --add-kernel-modules 6.4-default" },
	{ "fedora", WEAK_ADD, NULL },
	{ "debian", WEAK_REMOVE, NULL },
	{ "", WEAK_ADD, NULL },
};

static void commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FREE char *s =
			weak_modules_command(cases[i].distro, cases[i].what, "6.4-default");

		if (!cases[i].command) {
			assert_null(s);
			continue;
		}
		assert_non_null(s);
		assert_string_equal(s, cases[i].command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(commands) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
