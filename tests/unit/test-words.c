/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/words.h"

#include "unit.h"

#include "base/buf.h"

static void splits_lines_into_words(void **state)
{
	static const char text[] = "# remark\n\n a  b%20c\td\r\nlast=%\n";
	struct words w;

	(void)state;
	words_begin(&w, text, sizeof(text) - 1);
	assert_int_equal(words_next(&w), 1);
	assert_int_equal(w.line, 3);
	assert_int_equal(w.word.n, 3);
	assert_string_equal(w.word.v[1], "b c");
	assert_string_equal(w.word.v[2], "d");
	assert_int_equal(words_next(&w), -1); /* "last=%" is no escape */
	assert_int_equal(w.line, 4);
	assert_int_equal(words_next(&w), 0);
	words_end(&w);
}

static void a_line_may_lack_its_end(void **state)
{
	struct words w;

	(void)state;
	words_begin(&w, "one two", 7);
	assert_int_equal(words_next(&w), 1);
	assert_int_equal(w.word.n, 2);
	assert_int_equal(words_next(&w), 0);
	words_end(&w);
}

static void escaped_words_come_back(void **state)
{
	static const char *const all[] = { "", " ", "%", "a b\nc\td", "\x01\x7f\xff", "=", "#x" };
	AUTO_BUF struct buf b = BUF_INIT;
	struct words w;

	(void)state;
	buf_adds(&b, "x");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		buf_addch(&b, ' ');
		buf_add_escaped(&b, all[i]);
	}
	words_begin(&w, b.s, b.len);
	assert_int_equal(words_next(&w), 1);
	assert_int_equal(w.word.n, ARRAY_SIZE(all) + 1);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		assert_string_equal(w.word.v[i + 1], all[i]);
	words_end(&w);
}

static void refuses_what_is_not_escaped(void **state)
{
	static const char *const bad[] = { "a%", "a%2", "%zz", "%41", "%00", "a\x80", "%%" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct words w;

		words_begin(&w, bad[i], strlen(bad[i]));
		assert_int_equal(words_next(&w), -1);
		words_end(&w);
	}
}

static void a_nul_byte_is_no_word(void **state)
{
	struct words w;

	(void)state;
	words_begin(&w, "a\0b\n", 4);
	assert_int_equal(words_next(&w), -1);
	words_end(&w);
}

static void finds_values(void **state)
{
	AUTO_STRV struct strv v = STRV_INIT;

	(void)state;
	strv_add(&v, "key=no");
	strv_add(&v, "keys=other");
	strv_add(&v, "key=yes");
	strv_add(&v, "empty=");
	assert_string_equal(words_value(&v, 0, "key"), "no");
	assert_string_equal(words_value(&v, 1, "key"), "yes");
	assert_string_equal(words_value(&v, 0, "empty"), "");
	assert_null(words_value(&v, 0, "ke"));
}

static void finds_a_word_among_names(void **state)
{
	static const char *const names[] = { "kernel", "headers" };

	(void)state;
	assert_int_equal(words_index(names, 2, "headers"), 1);
	assert_int_equal(words_index(names, 2, "header"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_lines_into_words),
		cmocka_unit_test(a_line_may_lack_its_end),
		cmocka_unit_test(escaped_words_come_back),
		cmocka_unit_test(refuses_what_is_not_escaped),
		cmocka_unit_test(a_nul_byte_is_no_word),
		cmocka_unit_test(finds_values),
		cmocka_unit_test(finds_a_word_among_names),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
