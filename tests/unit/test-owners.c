/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/owners.h"

#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "disk.h"

#define INFO   "/var/lib/dpkg/info"
#define MODULE "/lib/modules/6.1.0-56-amd64/kernel/drivers/foo.ko"

static int setup(void **state)
{
	struct disk *d;

	disk_setup(state);
	d = *state;
	d->e.owners = owners_remember();
	clock_gettime(CLOCK_REALTIME_COARSE, &d->e.begun);
	disk_file(d, INFO "/a.list", "/.\n/lib/modules\n/lib/modules/6.1.0-56-amd64/a.ko\n");
	disk_file(d, INFO "/b:amd64.list", "/.\n/usr/bin/b\n");
	disk_file(d, INFO "/b:amd64.md5sums", MODULE "\n");
	return 0;
}

#define OWNERS_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, disk_teardown)

/* Let the last change of dpkg's info folder be this many seconds before the run began. */
static void age(struct disk *d, long seconds)
{
	AUTO_FREE char *host = disk_host(d, INFO);
	struct timespec t[2] = { { d->e.begun.tv_sec - seconds, 7 },
				 { d->e.begun.tv_sec - seconds, 7 } };

	assert_int_equal(utimensat(AT_FDCWD, host, t, 0), 0);
}

static void expect_owner(struct disk *d, const char *path, const char *package)
{
	AUTO_FREE char *found = NULL;

	assert_int_equal(owners_of(&d->e, path, &found), package ? OWNER_PACKAGE : OWNER_NOBODY);
	if (package)
		assert_string_equal(found, package);
}

static void both_spellings_are_found(void **state)
{
	struct disk *d = *state;

	age(d, 100);
	expect_owner(d, "/lib/modules/6.1.0-56-amd64/a.ko", "a");
	expect_owner(d, "/usr/lib/modules/6.1.0-56-amd64/a.ko", "a");
	expect_owner(d, "/usr/bin/b", "b");
	expect_owner(d, MODULE, NULL);
}

static void lists_without_modules_are_read_once(void **state)
{
	struct disk *d = *state;
	AUTO_FREE char *list = disk_host(d, INFO "/b:amd64.list");
	FILE *f;

	age(d, 100);
	expect_owner(d, MODULE, NULL);
	f = fopen(list, "a"); /* in place, which dpkg never does: not noticed */
	assert_non_null(f);
	assert_true(fputs(MODULE "\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	expect_owner(d, MODULE, NULL);
	age(d, 50); /* as after a rename */
	expect_owner(d, MODULE, "b");
}

static void nothing_is_remembered_of_a_folder_that_changes_now(void **state)
{
	struct disk *d = *state;

	age(d, 0);
	expect_owner(d, MODULE, NULL);
	disk_file(d, INFO "/c.list", "/.\n/usr" MODULE "\n");
	age(d, 0);
	expect_owner(d, MODULE, "c");
}

static void no_database_is_nobody(void **state)
{
	struct disk *d = *state;

	disk_remove(d, INFO);
	expect_owner(d, MODULE, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWNERS_TEST(both_spellings_are_found),
		OWNERS_TEST(lists_without_modules_are_read_once),
		OWNERS_TEST(nothing_is_remembered_of_a_folder_that_changes_now),
		OWNERS_TEST(no_database_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
