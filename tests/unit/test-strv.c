/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strv.h"

#include "test.h"

static void assert_joined(const struct strv *v, const char *expected)
{
	char *s = strv_join(v, "|");

	assert_string_equal(s, expected);
	free(s);
}

static void is_null_terminated(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;

	(void)state;
	assert_null(v.v[0]);
	for (size_t i = 0; i < 100; i++) {
		strv_addf(&v, "%zu", i);
		assert_int_equal(v.n, i + 1);
		assert_null(v.v[v.n]);
	}
	assert_string_equal(v.v[99], "99");
}

static void adds(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;
	AUTO_STRV struct strv w = STRV_INIT;

	(void)state;
	strv_add(&v, "a");
	strv_addn(&v, "bcd", 2);
	strv_add_all(&w, &v);
	strv_add_all(&w, &v);
	assert_joined(&w, "a|bc|a|bc");
	assert_true(strv_has(&w, "bc"));
	assert_false(strv_has(&w, "bcd"));
}

static void sorts_by_bytes(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;

	(void)state;
	strv_sort(&v);
	strv_split(&v, "b a \xc3\xa9 B a10 a2", " ");
	strv_sort(&v);
	assert_joined(&v, "B|a|a10|a2|b|\xc3\xa9");
}

static void splits(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;

	(void)state;
	strv_split(&v, "", " ");
	strv_split(&v, " \t ", " \t");
	assert_int_equal(v.n, 0);
	strv_split(&v, " one\t two  three ", " \t");
	assert_joined(&v, "one|two|three");
}

static void removes(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;

	(void)state;
	strv_split(&v, "a b c", " ");
	strv_remove(&v, 1);
	assert_joined(&v, "a|c");
	strv_remove(&v, 1);
	strv_remove(&v, 0);
	assert_joined(&v, "");
	assert_null(v.v[0]);
}

static void iterates(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;
	const char *s;
	size_t n = 0;

	(void)state;
	STRV_FOREACH (s, &v)
		n++;
	assert_int_equal(n, 0);
	strv_split(&v, "x y", " ");
	STRV_FOREACH (s, &v)
		n += (size_t)(s[0] == 'x' ? 1 : 10);
	assert_int_equal(n, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_null_terminated),
		cmocka_unit_test(adds),
		cmocka_unit_test(sorts_by_bytes),
		cmocka_unit_test(splits),
		cmocka_unit_test(removes),
		cmocka_unit_test(iterates),
	};

	return cmocka_run_group_tests_name("strv", tests, NULL, NULL);
}
