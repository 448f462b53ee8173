/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"

static void nothing_is_found_in_an_empty_one(void **state)
{
	struct names x = { 0 };

	(void)state;
	assert_true(names_first(&x, "a") == NAMES_NONE);
	names_release(&x);
}

static void elements_come_in_their_order(void **state)
{
	struct names x = { 0 };
	size_t i;

	(void)state;
	names_add(&x, "a");
	names_add(&x, "");
	names_add(&x, "a");
	names_add(&x, "a");
	i = names_first(&x, "a");
	assert_int_equal(i, 0);
	i = names_next(&x, i);
	assert_int_equal(i, 2);
	i = names_next(&x, i);
	assert_int_equal(i, 3);
	assert_true(names_next(&x, i) == NAMES_NONE);
	assert_int_equal(names_first(&x, ""), 1);
	assert_true(names_first(&x, "b") == NAMES_NONE);
	names_release(&x);
}

static void many_are_all_found(void **state)
{
	char *all[5000];
	struct names x = { 0 };

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		all[i] = xasprintf("name%zu", i % 2500);
		names_add(&x, all[i]);
	}
	for (size_t i = 0; i < 2500; i++) {
		assert_int_equal(names_first(&x, all[i]), i);
		assert_int_equal(names_next(&x, i), i + 2500);
		assert_true(names_next(&x, i + 2500) == NAMES_NONE);
	}
	for (size_t i = 0; i < 5000; i++)
		free(all[i]);
	names_release(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_found_in_an_empty_one),
		cmocka_unit_test(elements_come_in_their_order),
		cmocka_unit_test(many_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
