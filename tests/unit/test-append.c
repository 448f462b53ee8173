/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/append.h"

#include <sys/wait.h>

#include "unit.h"

static int append(const char *path, const char *line, uint64_t max)
{
	return append_line(&R, path, line, strlen(line), max);
}

static void lines_are_appended(void **state)
{
	(void)state;
	assert_int_equal(append("/log", "one\n", 100), 0);
	assert_int_equal(append("/log", "two\n", 100), 0);
	assert_int_equal(append_sync(&R, "/log"), 0);
	assert_content("/log", "one\ntwo\n");
}

static void a_torn_line_is_closed(void **state)
{
	(void)state;
	put("/log", "one\ntw");
	assert_int_equal(append("/log", "three\n", 100), 0);
	assert_content("/log", "one\ntw\nthree\n");
}

static void the_bound_holds_but_for_the_first(void **state)
{
	(void)state;
	assert_int_equal(append("/log", "0123456789\n", 5), 0);
	assert_int_equal(append("/log", "x\n", 12), -EFBIG);
	assert_content("/log", "0123456789\n");
}

static void what_is_no_file_is_refused(void **state)
{
	char *host = root_host_path(&R, "/fifo");

	(void)state;
	make_dir("/dir");
	assert_true(append("/dir", "x\n", 100) < 0);
	assert_int_equal(mkfifo(host, 0644), 0);
	assert_int_equal(append("/fifo", "x\n", 100), -EINVAL);
	assert_int_equal(fs_symlink(&R, "/elsewhere", "/link"), 0);
	assert_int_equal(append("/link", "x\n", 100), -ELOOP);
	assert_missing("/elsewhere");
	put("/precious", "mine\n");
	assert_int_equal(linkat(R.fd, "precious", R.fd, "second", 0), 0);
	assert_int_equal(append("/second", "x\n", 100), -EMLINK);
	assert_int_equal(append("/missing/log", "x\n", 100), -ENOENT);
	assert_int_equal(append_sync(&R, "/missing"), -ENOENT);
	free(host);
}

enum { WRITERS = 4, LINES = 200 };

static void write_many(int writer)
{
	char line[300];

	memset(line, 'a' + writer, sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < LINES; i++) {
		if (append_line(&R, "/log", line, sizeof(line), 10 << 20) < 0)
			_exit(1);
	}
	_exit(0);
}

static void lines_of_several_writers_stay_whole(void **state)
{
	struct buf b = BUF_INIT;
	size_t whole = 0;

	(void)state;
	for (int i = 0; i < WRITERS; i++) {
		if (fork() == 0)
			write_many(i);
	}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(fs_read(&R, "/log", 10 << 20, &b), 0);
	for (char *at = b.s, *nl; (nl = strchr(at, '\n')); at = nl + 1) {
		/* A writer that saw half of another one's line has ended it: an empty line. */
		if (nl == at)
			continue;
		assert_int_equal(nl - at, 299);
		assert_int_equal(strspn(at, (char[]){ *at, '\0' }), 299);
		whole++;
	}
	assert_int_equal(whole, WRITERS * LINES);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(lines_are_appended),
		ROOT_TEST(a_torn_line_is_closed),
		ROOT_TEST(the_bound_holds_but_for_the_first),
		ROOT_TEST(what_is_no_file_is_refused),
		ROOT_TEST(lines_of_several_writers_stay_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
