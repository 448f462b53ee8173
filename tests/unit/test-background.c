/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/background.h"

#include "test.h"

#include "base/alloc.h"

static void becomes(const char *text, size_t len, const char *want)
{
	AUTO_FREE char *got = background_base64(text, len);

	assert_string_equal(got, want);
}

/* The examples of RFC 4648, and bytes that are negative as a char. */
static void base64(void **state)
{
	(void)state;
	becomes("", 0, "");
	becomes("f", 1, "Zg==");
	becomes("fo", 2, "Zm8=");
	becomes("foo", 3, "Zm9v");
	becomes("foob", 4, "Zm9vYg==");
	becomes("fooba", 5, "Zm9vYmE=");
	becomes("foobar", 6, "Zm9vYmFy");
	becomes("\xff\xfe\xfd\xfc", 4, "//79/A==");
	becomes("\0\0\0", 3, "AAAA");
	becomes("dkms-event 1\n", 13, "ZGttcy1ldmVudCAxCg==");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(base64) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
