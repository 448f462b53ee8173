/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include "test.h"

#include <string.h>

static void starts_empty(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_string_equal(b.s, "");
	buf_reset(&b);
	buf_truncate(&b, 0);
	assert_string_equal(b.s, "");
	buf_release(&b);
	buf_release(&b);
	assert_string_equal(b.s, "");
}

static void grows(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%03d,", i);
	assert_int_equal(b.len, 4000);
	assert_int_equal(strlen(b.s), 4000);
	assert_memory_equal(b.s + 3996, "999,", 5);
	buf_truncate(&b, 8);
	assert_string_equal(b.s, "000,001,");
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	buf_adds(&b, "again");
	assert_string_equal(b.s, "again");
}

static void holds_nuls(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	buf_add(&b, "a\0b", 3);
	buf_addch(&b, 'c');
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.s, "a\0bc", 5);
}

static void detaches(void **state)
{
	struct buf b = BUF_INIT;
	char *empty = buf_detach(&b);
	char *s;

	(void)state;
	buf_adds(&b, "text");
	s = buf_detach(&b);
	assert_string_equal(empty, "");
	assert_string_equal(s, "text");
	assert_string_equal(b.s, "");
	assert_int_equal(b.len, 0);
	free(empty);
	free(s);
}

static void escapes(void **state)
{
	static const struct {
		const char *plain, *escaped;
	} cases[] = {
		{ "", "%" },	      { "plain-1.2/x", "plain-1.2/x" },	  { "a b", "a%20b" },
		{ "100%", "100%25" }, { "\n\t\x01\x7f", "%0A%09%01%7F" }, { "\xc3\xa9", "%C3%A9" },
		{ "%", "%25" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_BUF struct buf b = BUF_INIT;
		AUTO_BUF struct buf back = BUF_INIT;

		buf_add_escaped(&b, cases[i].plain);
		assert_string_equal(b.s, cases[i].escaped);
		assert_true(buf_add_unescaped(&back, b.s, b.len));
		assert_string_equal(back.s, cases[i].plain);
	}
}

static void refuses_what_it_never_wrote(void **state)
{
	static const char *const cases[] = { "",    "%2", "%zz", "%0a", "%41", "a b",
					     "%00", "a%", "%%",	 "\n",	"\xc3" };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "kept");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(buf_add_unescaped(&b, cases[i], strlen(cases[i])));
		assert_string_equal(b.s, "kept");
	}
}

static void quotes_for_a_shell(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	buf_add_quoted(&b, "it's $x");
	assert_string_equal(b.s, "'it'\\''s $x'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_empty),
		cmocka_unit_test(grows),
		cmocka_unit_test(holds_nuls),
		cmocka_unit_test(detaches),
		cmocka_unit_test(escapes),
		cmocka_unit_test(refuses_what_it_never_wrote),
		cmocka_unit_test(quotes_for_a_shell),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
