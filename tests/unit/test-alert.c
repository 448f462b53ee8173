/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How people are told who do not look at a terminal. */
#include "test.h"

#include <endian.h>
#include <string.h>

#include "alert/missing.h"
#include "alert/motd.h"
#include "alert/textfile.h"
#include "base/alloc.h"
#include "base/strv.h"
#include "sys/sdjournal.h"

#define K "6.1.0-56-amd64"

static char text[] = "foo", one[] = "1", esc[] = "a \"quote\", \\ and \033[2J\nx";

static void add(struct standings *l, enum standing_state state, bool problem, char *reason)
{
	struct standing s = { .id = { text, one },
			      .release = K,
			      .arch = "x86_64",
			      .state = state,
			      .reason = reason ? xstrdup(reason) : NULL,
			      .problem = problem,
			      .missing = problem };

	VEC_PUSH(l->v, l->n, s);
}

static size_t count_lines(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '\n';
	return n;
}

static void no_problem_is_no_motd(void **state)
{
	AUTO_STANDINGS struct standings l = { 0 };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	motd_make(&l, &b);
	add(&l, STANDING_INSTALLED, false, NULL);
	add(&l, STANDING_EXCLUDED, false, esc);
	motd_make(&l, &b);
	assert_string_equal(b.s, "");
}

static void the_motd_has_ten_lines_at_most(void **state)
{
	AUTO_STANDINGS struct standings l = { 0 };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	for (size_t i = 1; i <= 1000; i++) {
		add(&l, STANDING_FAILED, true, esc);
		buf_reset(&b);
		motd_make(&l, &b);
		assert_int_equal(count_lines(b.s), i <= MOTD_LINES - 2 ? i + 2 : MOTD_LINES);
		assert_null(strchr(b.s, '\033'));
	}
	assert_non_null(strstr(b.s, "1000 problems"));
	assert_non_null(strstr(b.s, "  and 993 more\n"));
}

static void labels_are_escaped(void **state)
{
	AUTO_STANDINGS struct standings l = { 0 };
	struct failure f = { .cause = esc, .since = 1796025600 };
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	add(&l, STANDING_FAILED, true, NULL);
	l.v[0].failure = &f;
	textfile_make(&l, 1796025601, &b);
	assert_non_null(strstr(b.s, "cause=\"a \\\"quote\\\", \\\\ and \\\\x1b[2J x\"} 1\n"));
	assert_non_null(strstr(b.s, "} 1796025600\n"));
	assert_non_null(strstr(b.s, "dkms_problems 1\n"));
	assert_non_null(strstr(b.s, "dkms_last_run_timestamp_seconds 1796025601\n"));
}

static void critical_ones_are_missed_whatever_is_said(void **state)
{
	AUTO_MISSING_LIST struct missing_list missing = { 0 };
	AUTO_STANDINGS struct standings l = { 0 };
	AUTO_STRV struct strv critical = STRV_INIT;
	AUTO_WORLD struct world w = { 0 };

	(void)state;
	world_add_kernel(&w, K, "x86_64");
	add(&l, STANDING_HELD, false, esc);
	missing_find(&w, &l, K, &critical, true, &missing);
	assert_int_equal(missing.n, 0);
	strv_add(&critical, "foo");
	strv_add(&critical, "foo");
	strv_add(&critical, "zfs");
	missing_find(&w, &l, K, &critical, true, &missing);
	assert_int_equal(missing.n, 2);
	assert_string_equal(missing.v[0].name, "foo/1");
	assert_true(missing.v[0].critical);
	assert_string_equal(missing.v[1].why, "it is not added");
}

static void fields_of_the_journal(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_FREE char *large = xcalloc(1, 10000);
	uint64_t size;

	(void)state;
	sdjournal_field(&b, "MESSAGE", "one line");
	sdjournal_field(&b, "EMPTY", "");
	sdjournal_field(&b, "NONE", NULL);
	assert_string_equal(b.s, "MESSAGE=one line\n");
	buf_reset(&b);
	sdjournal_field(&b, "X", "a\nb");
	assert_int_equal(b.len, 2 + 8 + 3 + 1);
	memcpy(&size, b.s + 2, sizeof(size));
	assert_int_equal(le64toh(size), 3);
	assert_memory_equal(b.s + 10, "a\nb\n", 4);
	buf_reset(&b);
	memset(large, 'x', 9999);
	sdjournal_field(&b, "L", large);
	assert_int_equal(b.len, 2 + SDJOURNAL_VALUE_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_problem_is_no_motd),
		cmocka_unit_test(the_motd_has_ten_lines_at_most),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(critical_ones_are_missed_whatever_is_said),
		cmocka_unit_test(fields_of_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
