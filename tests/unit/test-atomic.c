/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/atomic.h"

#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void appears_whole(void **state)
{
	struct atomic a;
	struct stat st;

	(void)state;
	put("/f", "old");
	assert_int_equal(atomic_begin(&a, &R, "/f", 0640), 0);
	atomic_write(&a, "new ", 4);
	atomic_write(&a, "text", 4);
	assert_content("/f", "old");
	assert_int_equal(atomic_commit(&a), 0);
	assert_content("/f", "new text");
	assert_int_equal(fs_stat(&R, "/f", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_names("/", "f");
	atomic_abort(&a);
	assert_content("/f", "new text");
}

static void abort_leaves_nothing(void **state)
{
	struct atomic a;

	(void)state;
	assert_int_equal(atomic_begin(&a, &R, "/f", 0644), 0);
	atomic_write(&a, "x", 1);
	assert_names("/", ".f.dkms-new");
	atomic_abort(&a);
	atomic_abort(&a);
	assert_names("/", "");
}

static void begin_fails_cleanly(void **state)
{
	struct atomic a;

	(void)state;
	assert_int_equal(atomic_begin(&a, &R, "/none/f", 0644), -ENOENT);
	atomic_abort(&a);
	assert_int_equal(atomic_begin(&a, &R, "/", 0644), -EINVAL);
	atomic_abort(&a);
}

static void nobody_else_opens_it_before_it_is_whole(void **state)
{
	struct atomic a;
	struct stat st;

	(void)state;
	assert_int_equal(atomic_begin(&a, &R, "/f", 0644), 0);
	atomic_write(&a, "x", 1);
	assert_int_equal(fs_stat(&R, "/.f.dkms-new", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(atomic_commit(&a), 0);
}

/* A killed writer may leave a temporary that everybody can open, and lock. */
static void a_stranger_holds_nobody_up(void **state)
{
	AUTO_FREE char *host = root_host_path(&R, "/.f.dkms-new");
	int fd;

	(void)state;
	put("/.f.dkms-new", "half");
	assert_int_equal(fs_chmod(&R, "/.f.dkms-new", 0644), 0);
	fd = open(host, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(atomic_write_file(&R, "/f", "whole", 5, 0644), 0);
	assert_content("/f", "whole");
	assert_names("/", "f");
	close(fd);
}

static void a_link_in_its_place_is_not_followed(void **state)
{
	(void)state;
	put("/precious", "content");
	assert_int_equal(fs_symlink(&R, "/precious", "/.f.dkms-new"), 0);
	assert_int_equal(atomic_write_file(&R, "/f", "whole", 5, 0644), 0);
	assert_content("/f", "whole");
	assert_content("/precious", "content");
}

static void litter_of_a_dead_writer_is_reused(void **state)
{
	(void)state;
	put("/.f.dkms-new", "half of something much longer");
	assert_int_equal(atomic_write_file(&R, "/f", "whole", 5, 0644), 0);
	assert_content("/f", "whole");
	assert_names("/", "f");
}

static void commit_over_a_folder_fails(void **state)
{
	(void)state;
	make_dir("/d");
	assert_int_equal(atomic_write_file(&R, "/d", "x", 1, 0644), -EISDIR);
	assert_names("/", "d");
}

static void first_write_error_is_the_verdict(void **state)
{
	struct rlimit old, small = { 4, 4 };
	struct atomic a;
	int r;

	(void)state;
	put("/f", "old");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	assert_int_equal(atomic_begin(&a, &R, "/f", 0644), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	atomic_write(&a, "too long", 8);
	atomic_write(&a, "x", 1);
	r = atomic_commit(&a);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(r, -EFBIG);
	assert_content("/f", "old");
	assert_names("/", "f");
}

static void write_many(char c)
{
	char text[5000];

	memset(text, c, sizeof(text));
	for (int i = 0; i < 50; i++) {
		if (atomic_write_file(&R, "/f", text, sizeof(text), 0644) < 0)
			_exit(1);
	}
	_exit(0);
}

static void two_writers_take_turns(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;
	int status;

	(void)state;
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			write_many((char)('a' + i));
	}
	for (int i = 0; i < 2; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(fs_read(&R, "/f", 1 << 20, &b), 0);
	assert_int_equal(b.len, 5000);
	for (size_t i = 1; i < b.len; i++)
		assert_int_equal(b.s[i], b.s[0]);
	assert_names("/", "f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(appears_whole),
		ROOT_TEST(abort_leaves_nothing),
		ROOT_TEST(begin_fails_cleanly),
		ROOT_TEST(nobody_else_opens_it_before_it_is_whole),
		ROOT_TEST(a_stranger_holds_nobody_up),
		ROOT_TEST(a_link_in_its_place_is_not_followed),
		ROOT_TEST(litter_of_a_dead_writer_is_reused),
		ROOT_TEST(commit_over_a_folder_fails),
		ROOT_TEST(first_write_error_is_the_verdict),
		ROOT_TEST(two_writers_take_turns),
	};

	return cmocka_run_group_tests_name("atomic", tests, NULL, NULL);
}
