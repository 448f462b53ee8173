/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/jobs.h"

#include "unit.h"

#include <sys/resource.h>

#include "sys/proc.h"

static void there_are_as_many_as_asked_for(void **state)
{
	struct jobs j = JOBS_INIT;

	(void)state;
	assert_int_equal(jobs_open(&j, 3), 0);
	assert_true(jobs_take(&j));
	assert_true(jobs_take(&j));
	assert_true(jobs_take(&j));
	assert_false(jobs_take(&j));
	jobs_put(&j);
	assert_true(jobs_take(&j));
	jobs_close(&j);
	jobs_close(&j);
}

/* A make that is killed does not return its jobs; a faulty one may return too many. */
static void lost_and_surplus_ones_are_set_right(void **state)
{
	struct jobs j = JOBS_INIT;

	(void)state;
	assert_int_equal(jobs_open(&j, 2), 0);
	assert_true(jobs_take(&j));
	jobs_settle(&j);
	assert_true(jobs_take(&j));
	assert_true(jobs_take(&j));
	for (int i = 0; i < 5; i++)
		jobs_put(&j);
	jobs_settle(&j);
	assert_true(jobs_take(&j));
	assert_true(jobs_take(&j));
	assert_false(jobs_take(&j));
	jobs_close(&j);
}

static void the_default_is_at_least_one(void **state)
{
	(void)state;
	assert_true(jobs_default() >= 1);
}

static void few_descriptors_are_few_jobs(void **state)
{
	struct rlimit before, low;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = 70;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_int_equal(jobs_default(), 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void collect(const char *data, size_t len, void *arg)
{
	buf_add(arg, data, len);
}

/* A real make takes its jobs from us, and gives them back. */
static void a_make_shares_them(void **state)
{
	static const char makefile[] = "all: a b\na b:\n\t@echo $(filter -j% --jobserver-auth=%,"
				       "$(MAKEFLAGS))\n";
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	struct proc_result res = { 0 };
	struct jobs j = JOBS_INIT;
	int r;

	(void)state;
	assert_int_equal(jobs_open(&j, 2), 0);
	assert_true(jobs_take(&j));
	strv_add(&spec.argv, "make");
	strv_add(&spec.argv, "-f-");
	proc_setenv(&spec, "PATH", "/usr/bin:/bin");
	proc_setenv(&spec, "MAKEFLAGS", JOBS_MAKEFLAGS);
	spec.input = makefile;
	spec.input_len = sizeof(makefile) - 1;
	spec.keep_fd[0] = j.fds[0];
	spec.keep_fd[1] = j.fds[1];
	spec.on_output = collect;
	spec.data = &out;
	r = proc_run(&spec, &res);
	if (r == -ENOENT)
		SKIP("there is no make");
	assert_int_equal(r, 0);
	assert_int_equal(res.status, 0);
	assert_non_null(strstr(out.s, "--jobserver-auth=4,5"));
	assert_null(strstr(out.s, "resetting jobserver"));
	assert_null(strstr(out.s, "jobserver unavailable"));
	assert_true(jobs_take(&j));
	assert_false(jobs_take(&j));
	jobs_close(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_are_as_many_as_asked_for),
		cmocka_unit_test(lost_and_surplus_ones_are_set_right),
		cmocka_unit_test(the_default_is_at_least_one),
		cmocka_unit_test(few_descriptors_are_few_jobs),
		cmocka_unit_test(a_make_shares_them),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
