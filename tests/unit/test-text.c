/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include "unit.h"

static void assert_valid(const char *text, size_t max, const char *want)
{
	AUTO_BUF struct buf b = BUF_INIT;

	text_add_valid(&b, text, max);
	assert_string_equal(b.s, want);
}

static void assert_visible(const char *text, const char *want)
{
	AUTO_BUF struct buf b = BUF_INIT;

	text_add_visible(&b, text);
	assert_string_equal(b.s, want);
}

static void knows_characters(void **state)
{
	(void)state;
	assert_int_equal(text_length("a", 1), 1);
	assert_int_equal(text_length("\xc3\xa4", 2), 2);
	assert_int_equal(text_length("\xe2\x82\xac", 3), 3);
	assert_int_equal(text_length("\xf0\x9f\x90\xa7", 4), 4);
	assert_int_equal(text_length("\xc3", 1), 0);		 /* cut */
	assert_int_equal(text_length("\xc0\xaf", 2), 0);	 /* overlong */
	assert_int_equal(text_length("\xe0\x80\x80", 3), 0);	 /* overlong */
	assert_int_equal(text_length("\xed\xa0\x80", 3), 0);	 /* a surrogate */
	assert_int_equal(text_length("\xf5\x80\x80\x80", 4), 0); /* above U+10FFFF */
	assert_int_equal(text_length("\xa4", 1), 0);
}

static void makes_valid_text(void **state)
{
	(void)state;
	assert_valid("K\xc3\xa4se", 100, "K\xc3\xa4se");
	assert_valid("K\xe4se", 100, "K\xef\xbf\xbdse");
	assert_valid("", 100, "");
	assert_valid("abcdef", 6, "abcdef");
	assert_valid("abcdef", 5, "abcde...");
	assert_valid("ab\xc3\xa4", 3, "ab...");
}

static void nothing_moves_the_cursor(void **state)
{
	(void)state;
	assert_visible("plain \xe2\x80\x98quoted\xe2\x80\x99",
		       "plain \xe2\x80\x98quoted\xe2\x80\x99");
	assert_visible("\x1b[2Jgone", "\\x1b[2Jgone");
	assert_visible("a\tb\nc\rd", "a b c\\x0dd");
	assert_visible("\x7f\xc2\x9b"
		       "31m",
		       "\\x7f\\xc2\\x9b31m");
	assert_visible("\xe2\x80\xaetxt.exe", "\\xe2\\x80\\xaetxt.exe");
	assert_visible("\xff", "\\xff");
}

static void lines_stay(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	text_add_lines(&b, "a\tb\nc\rd\x1b[2J\xc2\x9b"
			   "31m\xff\n");
	assert_string_equal(b.s, "a\tb\nc\\x0dd\\x1b[2J\\xc2\\x9b31m\\xff\n");
}

static void json_is_always_valid(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	text_add_json(&b, "{\n \"K\xe4se\": \"\xc3\xa4 \xc2\x9b \x7f \xe2\x80\xae "
			  "\xf3\xa0\x81\x81\" }");
	assert_string_equal(b.s, "{\n \"K\\ufffdse\": \"\xc3\xa4 \\u009b \\u007f \\u202e "
				 "\\udb40\\udc41\" }");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_characters),	    cmocka_unit_test(makes_valid_text),
		cmocka_unit_test(nothing_moves_the_cursor), cmocka_unit_test(lines_stay),
		cmocka_unit_test(json_is_always_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
