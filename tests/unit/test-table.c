/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout of tables; what a terminal shows of them is in tests/cli/status.test. */
#include "cli/table.h"

#include "unit.h"

static void add(struct table *t, const char *a, const char *b, const char *state,
		const char *reason, const char *more)
{
	struct table_row *row = table_add(t);

	row->cells[0] = xstrdup(a);
	row->cells[2] = xstrdup(b);
	row->cells[3] = xstrdup(state);
	row->cells[4] = xstrdup(reason);
	row->more = xstrdup(more);
}

/* Without the marks, which colour the head. */
static void assert_table(struct table *t, const char *wanted)
{
	AUTO_BUF struct buf b = BUF_INIT, plain = BUF_INIT;

	table_print(t, &b);
	for (size_t i = 0; i < b.len; i++) {
		if (!strchr(TABLE_MARKS, b.s[i]))
			buf_addch(&plain, b.s[i]);
	}
	assert_string_equal(plain.s, wanted);
	table_release(t);
}

static void the_last_column_is_wrapped(void **state)
{
	struct table t = { .width = 46 };

	(void)state;
	add(&t, "M", "K", "S", "R", NULL);
	add(&t, "foo", "6.1", "failed", "one two three four five six", "try: it");
	add(&t, "quiet", "6.1", "built", NULL, NULL);
	assert_table(&t, "M        K    S       R\n"
			 "foo      6.1  failed  one two three four five\n"
			 "                      six\n"
			 "                      try: it\n"
			 "quiet    6.1  built\n");
}

static void a_narrow_terminal_gets_lines(void **state)
{
	struct table t = { .width = 20 };

	(void)state;
	add(&t, "M", "K", "S", "R", NULL);
	add(&t, "foo", "6.1.0-56-amd64-and-more", "failed", "one two three four five", "try: it");
	assert_table(&t, "foo\n"
			 "  6.1.0-56-amd64-and\n"
			 "  -more\n"
			 "  failed\n"
			 "  one two three four\n"
			 "  five\n"
			 "  try: it\n");
}

static void one_column_is_enough(void **state)
{
	struct table t = { .width = 1 };

	(void)state;
	add(&t, "M", "K", "S", "R", NULL);
	add(&t, "a", "b", "cd", NULL, NULL);
	assert_table(&t, "a\nb\nc\nd\n");
}

static void a_pipe_has_no_limit(void **state)
{
	struct table t = { .width = 0 };

	(void)state;
	add(&t, "M", "K", "S", "R", NULL);
	add(&t, "a", "b", "c",
	    "a long reason that is longer than any terminal of eighty columns is wide", NULL);
	assert_table(&t, "M    K  S  R\n"
			 "a    b  c  a long reason that is longer than any terminal of eighty "
			 "columns is wide\n");
}

static void what_others_wrote_is_visible(void **state)
{
	struct table t = { .ascii = true };

	(void)state;
	add(&t, "M", "K", "S", "R", NULL);
	add(&t, "a", "b", "c", "\033[2J\001x\u2018y\u2019 \u00e9", NULL);
	assert_table(&t, "M    K  S  R\n"
			 "a    b  c  \\x1b[2J\\x01x'y' ?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_column_is_wrapped),
		cmocka_unit_test(a_narrow_terminal_gets_lines),
		cmocka_unit_test(one_column_is_enough),
		cmocka_unit_test(a_pipe_has_no_limit),
		cmocka_unit_test(what_others_wrote_is_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
