/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/lines.h"

#include "unit.h"

static const char *count(const struct strv *words, void *data)
{
	++*(size_t *)data;
	return strcmp(words->v[0], "bad") == 0 ? "it is bad" : NULL;
}

static const char *count_good(const struct strv *words, void *data)
{
	if (strcmp(words->v[0], "bad") == 0)
		return "it is bad";
	++*(size_t *)data;
	return NULL;
}

static int parse(const char *text, size_t *n, struct err *err)
{
	*n = 0;
	return lines_parse(text, "test", count, n, err);
}

static void reads_the_lines_between_first_and_last(void **state)
{
	AUTO_ERR struct err err = ERR_INIT;
	size_t n;

	(void)state;
	assert_int_equal(parse("dkms-test 1\na b\n# no\nc\nend\n", &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(parse("dkms-test 1\nend\n", &n, &err), 0);
	assert_int_equal(n, 0);
}

static void damage_is_named_with_its_line(void **state)
{
	static const char *const bad[] = {
		"",
		"dkms-other 1\nend\n",
		"dkms-test 2\nend\n",
		"dkms-test 1\na\n",
		"dkms-test 1\nend\nmore\n",
		"dkms-test 1\nbad\nend\n",
		"dkms-test 1\n%\xff\nend\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_ERR struct err err = ERR_INIT;
		size_t n;

		assert_int_equal(parse(bad[i], &n, &err), -E_CORRUPT);
		assert_non_null(err.text);
	}
}

/* lines_read(): bad lines do not cost the good ones. */
static void reads_what_is_good(void **state)
{
	static const struct {
		const char *text;
		size_t good;
	} cases[] = {
		{ "dkms-other 1\na\nend\n", 0 },
		{ "dkms-test 1\na\nbad\nc\nend\n", 2 },
		{ "dkms-test 1\na\n%\xff\nc\nend\n", 2 },
		{ "dkms-test 1\na\nb\n", 2 },
		{ "dkms-test 1\na\nb", 1 },
		{ "dkms-test 1\na\nend\nb\n", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_ERR struct err err = ERR_INIT;
		const char *text = cases[i].text;
		size_t n = 0;

		assert_int_equal(lines_read(text, strlen(text), "test", count_good, &n, &err),
				 -E_CORRUPT);
		assert_int_equal(n, cases[i].good);
	}
}

static void numbers_are_whole_and_fit(void **state)
{
	uint64_t u = 7;
	int64_t s = 7;

	(void)state;
	assert_true(lines_u64("18446744073709551615", &u));
	assert_true(u == UINT64_MAX);
	assert_false(lines_u64("18446744073709551616", &u));
	assert_false(lines_u64("-1", &u));
	assert_false(lines_u64("", &u));
	assert_false(lines_u64("1x", &u));
	assert_false(lines_u64(" 1", &u));
	assert_true(lines_i64("-5", &s));
	assert_true(s == -5);
	assert_false(lines_i64("9223372036854775808", &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_lines_between_first_and_last),
		cmocka_unit_test(damage_is_named_with_its_line),
		cmocka_unit_test(reads_what_is_good),
		cmocka_unit_test(numbers_are_whole_and_fit),
	};

	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
