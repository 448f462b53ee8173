/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mountns.h"

#include "unit.h"

#include <fcntl.h>

#include "sys/proc.h"

/* 0: right; 1: wrong; 77: this process may not, or "/" is no mount point. */
static int in_worker(void *arg)
{
	int r = mountns_enter(&R);

	(void)arg;
	if (r < 0)
		return 77;
	if (mountns_bind(&R, "/from", "/to") < 0 || !fs_is_file(&R, "/to/here"))
		return 1;
	return mountns_unbind(&R, "/to") < 0 || fs_exists(&R, "/to/here");
}

static void a_mount_is_the_workers_own(void **state)
{
	struct proc_worker w = { 0 };
	size_t i;
	int fd;

	(void)state;
	assert_int_equal(fs_mkdir_p(&R, "/from"), 0);
	assert_int_equal(fs_mkdir_p(&R, "/to"), 0);
	fd = root_openat(&R, "/from/here", O_CREAT | O_WRONLY, 0644);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(proc_worker_start(&w, in_worker, NULL), 0);
	assert_int_equal(proc_worker_wait(&w, 1, 0, &i), 0);
	assert_int_equal(w.result.end, PROC_EXITED);
	assert_false(fs_exists(&R, "/to/here"));
	if (w.result.status == 77)
		SKIP("no private mount namespace here");
	assert_int_equal(w.result.status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(a_mount_is_the_workers_own),
	};

	return cmocka_run_group_tests_name("mountns", tests, NULL, NULL);
}
