/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/alloc.h"

#include "test.h"

#include <string.h>

/* By default the address sanitizer aborts where malloc(3) would return NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static jmp_buf out_of_memory;

static void die(void)
{
	longjmp(out_of_memory, 1);
}

static void nothing_is_something(void **state)
{
	void *a = xmalloc(0), *b = xcalloc(0, 8), *c = xreallocarray(NULL, 0, 8);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
	free(a);
	free(b);
	free(c);
}

static void copies_strings(void **state)
{
	char *a = xstrdup("abc"), *b = xstrndup("abc", 2), *c = xasprintf("%s-%d", "x", 7);

	(void)state;
	assert_null(xstrdup(NULL));
	assert_string_equal(a, "abc");
	assert_string_equal(b, "ab");
	assert_string_equal(c, "x-7");
	free(a);
	free(b);
	free(c);
}

static void vector_keeps_its_elements(void **state)
{
	int *items = NULL;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		VEC_PUSH(items, n, i);
	assert_int_equal(n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	free(items);
}

static void overflow_ends_in_alloc_die(void **state)
{
	volatile bool died = false;

	(void)state;
	alloc_die = die;
	if (setjmp(out_of_memory) == 0)
		free(xreallocarray(NULL, SIZE_MAX / 2, 8));
	else
		died = true;
	alloc_die = abort;
	assert_true(died);
}

static void take_leaves_null(void **state)
{
	char *a = xstrdup("x");
	char *b = TAKE(a);

	(void)state;
	assert_null(a);
	assert_string_equal(b, "x");
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_something),
		cmocka_unit_test(copies_strings),
		cmocka_unit_test(vector_keeps_its_elements),
		cmocka_unit_test(overflow_ends_in_alloc_die),
		cmocka_unit_test(take_leaves_null),
	};

	return cmocka_run_group_tests_name("alloc", tests, NULL, NULL);
}
