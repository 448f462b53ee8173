/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/path.h"

#include "unit.h"

static void plain(void **state)
{
	(void)state;
	assert_true(path_is_plain("/a/b"));
	assert_false(path_is_plain("a/b"));
	assert_false(path_is_plain("/a/../b"));
	assert_false(path_is_plain("/a/.."));
	assert_false(path_is_plain("/a//b"));
	assert_false(path_is_plain("/"));
	assert_false(path_is_plain(NULL));
	assert_false(path_is_component(".."));
	assert_false(path_is_component("a/b"));
	assert_true(path_is_component("..a"));
}

static void below(void **state)
{
	(void)state;
	assert_true(path_is_below("/a/b/c", "/a/b"));
	assert_true(path_is_below("/a/b/c", "/a/b/"));
	assert_true(path_is_below("/a", "/"));
	assert_false(path_is_below("/a/bc", "/a/b"));
	assert_false(path_is_below("/a/b", "/a/b"));
	assert_false(path_is_below("/a/b/../../etc/shadow", "/a/b"));
}

static void dotdot(void **state)
{
	(void)state;
	assert_true(path_has_dotdot("../a"));
	assert_true(path_has_dotdot("/a/../b"));
	assert_true(path_has_dotdot("a/.."));
	assert_false(path_has_dotdot("/a..b/...c/d.."));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(plain), cmocka_unit_test(below),
					    cmocka_unit_test(dotdot) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
