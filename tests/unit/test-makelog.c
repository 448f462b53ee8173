/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/makelog.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "disk.h"
#include "sys/fs.h"

#define LOG "/make.log"

static const struct target target = { "foo", "1.0", "6.1", "x86_64" };

/* Prints count blocks of 64 KiB, each beginning with its number. */
static int says_much(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	static char chunk[65536];

	for (unsigned int i = 0; i < *(unsigned int *)data; i++) {
		memset(chunk, '.', sizeof(chunk));
		snprintf(chunk, sizeof(chunk), "\nchunk %u\n", i);
		spec->on_output(chunk, sizeof(chunk), spec->data);
	}
	*ret = (struct proc_result){ .end = PROC_EXITED };
	return 0;
}

static void run(struct makelog *log, unsigned int count)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res;

	proc_set_runner(says_much, &count);
	assert_int_equal(makelog_run(log, "Title", "command", &spec, &res), 0);
	proc_set_runner(NULL, NULL);
}

static off_t size_of(struct disk *d)
{
	struct stat st;

	assert_int_equal(fs_stat(&d->e.root, LOG, &st), 0);
	return st.st_size;
}

static void the_end_of_what_is_too_much_is_kept(void **state)
{
	struct disk *d = *state;
	AUTO_MAKELOG struct makelog log = MAKELOG_INIT;
	AUTO_FREE char *text = NULL;

	assert_int_equal(makelog_open(&log, &d->e, LOG, &target), 0);
	run(&log, 4000); /* 250 MiB */
	makelog_add(&log, "last line");
	assert_true(size_of(d) <= MAKELOG_MAX && size_of(d) > MAKELOG_MAX / 4);
	text = makelog_text(&log, (size_t)MAKELOG_MAX);
	assert_int_equal(strncmp(text, "DKMS (dkms-", 11), 0);
	assert_non_null(strstr(text, "Title\n# command: command\n\nchunk 0\n"));
	assert_non_null(strstr(text, "MiB of output are left out here"));
	assert_null(strstr(text, "chunk 100\n"));
	assert_non_null(strstr(text, "chunk 3999\n"));
	assert_non_null(strstr(text, "# exit code: 0\n"));
	assert_string_equal(text + strlen(text) - 10, "last line\n");
}

static void nothing_else_is_left_out(void **state)
{
	struct disk *d = *state;
	AUTO_MAKELOG struct makelog log = MAKELOG_INIT;
	AUTO_FREE char *text = NULL;

	assert_int_equal(makelog_open(&log, &d->e, LOG, &target), 0);
	run(&log, 1000);
	text = makelog_text(&log, (size_t)MAKELOG_MAX);
	assert_true(strlen(text) > 1000 * 65536);
	assert_null(strstr(text, "left out"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DISK_TEST(the_end_of_what_is_too_much_is_kept),
		DISK_TEST(nothing_else_is_left_out),
	};

	return cmocka_run_group_tests_name("makelog", tests, NULL, NULL);
}
