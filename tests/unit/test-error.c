/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"

#include "test.h"

#include <errno.h>
#include <string.h>

static void codes_and_errnos_live_together(void **state)
{
	(void)state;
	assert_string_equal(error_text(0), "success");
	assert_string_equal(error_text(-ENOENT), strerror(ENOENT));
	assert_string_equal(error_text(-E_NOT_ROOT), "you must be root");
	assert_string_equal(error_text(-4095), "unknown error");
	assert_string_equal(error_text(-E_GENERAL), "the command failed");
	assert_string_equal(error_text(-E_INTERRUPTED), "interrupted");
	assert_string_equal(error_text(-E_LAST_), "unknown error");
}

static void status_is_that_of_dkms(void **state)
{
	(void)state;
	assert_int_equal(error_status(0), 0);
	assert_int_equal(error_status(-EIO), 1);
	assert_int_equal(error_status(-ENOSPC), 6);
	assert_int_equal(error_status(-E_ALREADY_ADDED), 3);
	assert_int_equal(error_status(-E_NO_HEADERS), 21);
	assert_int_equal(error_status(-E_EXCLUDED), 77);
	for (int code = E_FIRST_ + 1; code < E_LAST_; code++)
		assert_in_range(error_status(-code), 1, 255);
}

static void set_and_prefix(void **state)
{
	AUTO_ERR struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, -E_MAKE, "make said %d", 2), -E_MAKE);
	assert_string_equal(err.text, "make said 2");
	assert_int_equal(err_prefix(&err, "%s", "foo/1.0"), -E_MAKE);
	assert_string_equal(err.text, "foo/1.0: make said 2");
	assert_int_equal(err_sys(&err, -ENOSPC, "%s", "/x"), -ENOSPC);
	assert_string_equal(err.text, "/x: No space left on device");
}

static void prefix_without_text(void **state)
{
	AUTO_ERR struct err err = { .code = -E_DEPMOD };

	(void)state;
	err_prefix(&err, "6.1");
	assert_string_equal(err.text, "6.1: depmod failed");
}

static void nobody_listens(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, -E_RPM, "x"), -E_RPM);
	assert_int_equal(err_sys(NULL, -EIO, "x"), -EIO);
	assert_int_equal(err_prefix(NULL, "x"), -E_GENERAL);
}

static void own_status_counts(void **state)
{
	struct err err = ERR_INIT;
	AUTO_ERR struct err to = ERR_INIT;

	(void)state;
	err_set(&to, -EIO, "old");
	err_set(&err, -E_SCRIPT, "new");
	assert_int_equal(err_status(&err), 1);
	err.status = 42;
	err_move(&to, &err);
	assert_int_equal(err_status(&to), 42);
	assert_string_equal(to.text, "new");
	assert_null(err.text);
	assert_int_equal(err.code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_and_errnos_live_together),
		cmocka_unit_test(status_is_that_of_dkms),
		cmocka_unit_test(set_and_prefix),
		cmocka_unit_test(prefix_without_text),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(own_status_counts),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
