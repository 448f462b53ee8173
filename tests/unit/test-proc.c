/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc.h"

#include "sys/signals.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct run {
	struct proc_spec spec;
	struct proc_result result;
	struct buf out, err;
	int r;
};

static void on_output(const char *data, size_t len, void *arg)
{
	buf_add(&((struct run *)arg)->out, data, len);
}

static void on_error(const char *data, size_t len, void *arg)
{
	buf_add(&((struct run *)arg)->err, data, len);
}

static struct run *new_run(const char *script)
{
	struct run *t = xcalloc(1, sizeof(*t));

	t->spec = (struct proc_spec)PROC_INIT;
	t->out = t->err = (struct buf)BUF_INIT;
	t->spec.on_output = on_output;
	t->spec.data = t;
	strv_add(&t->spec.argv, "sh");
	strv_add(&t->spec.argv, "-c");
	strv_add(&t->spec.argv, script);
	proc_setenv(&t->spec, "PATH", "/usr/bin:/bin");
	return t;
}

static void run(struct run *t)
{
	buf_reset(&t->out);
	buf_reset(&t->err);
	t->r = proc_run(&t->spec, &t->result);
}

static void free_run(struct run *t)
{
	proc_spec_release(&t->spec);
	buf_release(&t->out);
	buf_release(&t->err);
	free(t);
}

static void assert_text(const struct run *t, const char *text)
{
	char *s = proc_result_text(&t->spec, &t->result);

	assert_string_equal(s, text);
	free(s);
}

static void tells_how_it_ended(void **state)
{
	struct run *t = new_run("exit 3");
	struct run *u = new_run("kill -9 $$");

	(void)state;
	run(t);
	assert_int_equal(t->r, 0);
	assert_int_equal(t->result.end, PROC_EXITED);
	assert_int_equal(t->result.status, 3);
	assert_text(t, "exit status 3");
	run(u);
	assert_int_equal(u->result.end, PROC_SIGNALED);
	assert_text(u, "signal 9");
	free_run(t);
	free_run(u);
}

static void not_started_is_not_failed(void **state)
{
	struct run *t = new_run("exit 0");

	(void)state;
	t->result.status = 77;
	t->spec.cwd = "/nonesuch";
	run(t);
	assert_int_equal(t->r, -ENOENT);
	t->spec.cwd = NULL;
	strv_release(&t->spec.argv);
	run(t);
	assert_int_equal(t->r, -EINVAL);
	strv_add(&t->spec.argv, "no-such-program");
	run(t);
	assert_int_equal(t->r, -ENOENT);
	strv_release(&t->spec.argv);
	strv_add(&t->spec.argv, "/");
	run(t);
	assert_int_equal(t->r, -EACCES);
	assert_int_equal(t->result.status, 77);
	free_run(t);
}

static void gets_only_what_was_given(void **state)
{
	struct run *t =
		new_run("echo \"$A-${HOME:-none}-$(pwd)-$(umask)\"; ls /proc/self/fd | wc -l");
	int open_here = open("/", O_RDONLY | O_DIRECTORY);

	(void)state;
	proc_setenv(&t->spec, "A", "first");
	proc_setenv(&t->spec, "AB", "x");
	proc_setenv(&t->spec, "A", "second");
	assert_int_equal(t->spec.env.n, 3);
	t->spec.cwd = "/usr";
	umask(077);
	run(t);
	umask(022);
	close(open_here);
	/* 0, 1, 2 and the folder that ls reads. */
	assert_string_equal(t->out.s, "second-none-/usr-0022\n4\n");
	free_run(t);
}

static void default_signals_and_own_group(void **state)
{
	struct run *t = new_run("cat /proc/self/status | grep -E 'Sig(Blk|Ign|Cgt)';"
				"set -- $(cat /proc/self/stat); test $5 = $$ && echo group");
	unsigned long long blocked = 1, ignored = 1, caught = 1;
	sigset_t set, old;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	signal(SIGUSR2, SIG_IGN);
	run(t);
	signal(SIGUSR2, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	assert_int_equal(sscanf(t->out.s, "SigBlk: %llx SigIgn: %llx SigCgt: %llx", &blocked,
				&ignored, &caught),
			 3);
	assert_int_equal(blocked, 0);
	assert_int_equal(caught, 0);
	/* 32 and 33 belong to the C library, which lets nobody set them. */
	assert_int_equal(ignored & ~0x180000000ULL, 0);
	assert_non_null(strstr(t->out.s, "\ngroup\n"));
	free_run(t);
}

static void input_comes_from_memory_descriptor_or_nowhere(void **state)
{
	struct run *t = new_run("cat");
	size_t size = 200000;
	char *big = xmalloc(size);
	int fd;

	(void)state;
	run(t);
	assert_string_equal(t->out.s, "");
	memset(big, 'i', size);
	t->spec.input = big;
	t->spec.input_len = size;
	run(t);
	assert_int_equal(t->out.len, size);
	assert_memory_equal(t->out.s, big, size);
	free(big);
	t->spec.input = NULL;
	put("/f", "from a file");
	fd = root_openat(&R, "/f", O_RDONLY, 0);
	t->spec.stdin_fd = fd;
	run(t);
	close(fd);
	assert_string_equal(t->out.s, "from a file");
	free_run(t);
}

static void output_goes_where_it_is_wanted(void **state)
{
	struct run *t = new_run("echo out; echo err >&2");
	int fd;

	(void)state;
	run(t);
	assert_string_equal(t->out.s, "out\nerr\n");
	t->spec.on_error = on_error;
	run(t);
	assert_string_equal(t->out.s, "out\n");
	assert_string_equal(t->err.s, "err\n");
	t->spec.on_error = NULL;
	fd = root_openat(&R, "/log", O_WRONLY | O_CREAT, 0600);
	t->spec.output_fd = fd;
	run(t);
	close(fd);
	assert_content("/log", "out\nerr\n");
	assert_string_equal(t->out.s, "");
	t->spec.output_fd = -1;
	t->spec.on_output = NULL;
	t->spec.quiet = true;
	run(t);
	assert_int_equal(t->result.status, 0);
	free_run(t);
}

static void output_limit_ends_it(void **state)
{
	struct run *t = new_run("yes");

	(void)state;
	t->spec.output_max = 1001;
	run(t);
	assert_int_equal(t->result.end, PROC_OUTPUT_FULL);
	assert_int_equal(t->out.len, 1001);
	assert_text(t, "more than 1001 bytes of output");
	free_run(t);
}

static bool alive(const char *pid)
{
	char *path = xasprintf("/proc/%d/stat", atoi(pid));
	char text[256] = "";
	FILE *f = fopen(path, "r");
	bool found = f && fgets(text, sizeof(text), f) && !strstr(text, ") Z ");

	if (f)
		fclose(f);
	free(path);
	return found;
}

static void assert_dies(const char *pid)
{
	for (int i = 0; i < 2000 && alive(pid); i++)
		usleep(10000);
	assert_false(alive(pid));
}

static void time_limit_ends_the_group(void **state)
{
	struct run *t = new_run("trap '' TERM; sleep 1000 & echo $!; wait; wait");

	(void)state;
	t->spec.timeout = 1;
	run(t);
	assert_int_equal(t->result.end, PROC_TIMED_OUT);
	assert_text(t, "time limit of 1 s");
	assert_dies(t->out.s);
	free_run(t);
}

static void what_it_leaves_behind_does_not_hang_us(void **state)
{
	struct run *t = new_run("sleep 1000 & echo $!");

	(void)state;
	run(t);
	assert_int_equal(t->result.end, PROC_EXITED);
	assert_int_equal(t->result.status, 0);
	assert_dies(t->out.s);
	free_run(t);
}

static void what_left_its_session_is_ended_too(void **state)
{
	struct run *t = new_run("setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.2");

	(void)state;
	run(t);
	assert_int_equal(t->result.end, PROC_EXITED);
	assert_int_equal(t->result.status, 0);
	/* Gone when proc_run() comes back, not some time later. */
	assert_true(atoi(t->out.s) > 1);
	assert_false(alive(t->out.s));
	free_run(t);
}

static void a_service_may_be_left(void **state)
{
	struct run *t = new_run("setsid sh -c 'echo $$; exec sleep 1000' >&2 & "
				"sleep 1000 & echo $!; sleep 0.2");

	(void)state;
	t->spec.may_leave = true;
	t->spec.on_error = on_error;
	run(t);
	assert_int_equal(t->result.end, PROC_EXITED);
	assert_dies(t->out.s);
	assert_true(alive(t->err.s));
	kill(atoi(t->err.s), SIGKILL);
	assert_dies(t->err.s);
	t->spec.timeout = 1;
	strv_release(&t->spec.argv);
	strv_split(&t->spec.argv, "sh -c", " ");
	strv_add(&t->spec.argv, "setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000");
	run(t);
	assert_int_equal(t->result.end, PROC_TIMED_OUT);
	assert_false(alive(t->out.s));
	free_run(t);
}

/* A process that runs script and is killed as soon as that has written its line into a file. */
static void kill_parent_of(const char *script, const char *file)
{
	struct run *t = new_run(script);
	pid_t pid = fork();

	if (pid == 0) {
		run(t);
		_exit(0);
	}
	for (int i = 0; i < 6000 && !fs_exists(&R, file); i++)
		usleep(10000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	free_run(t);
}

static void a_killed_parent_leaves_nothing(void **state)
{
	AUTO_FREE char *script = xasprintf(
		"trap '' TERM; setsid sh -c 'echo $$ >%s/a; mv %s/a %s/pid; exec sleep 1000' & "
		"while :; do sleep 1000; done",
		R.path, R.path, R.path);
	AUTO_BUF struct buf pid = BUF_INIT;

	(void)state;
	kill_parent_of(script, "/pid");
	assert_int_equal(fs_read(&R, "/pid", 100, &pid), 0);
	assert_true(atoi(pid.s) > 1);
	assert_dies(pid.s);
}

static void progress_starts_the_clock_anew(void **state)
{
	struct run *t = new_run("for i in 1 2 3 4; do sleep 0.6; echo $i; done");
	struct run *u = new_run("for i in 1 2 3 4; do sleep 0.6; echo $i >&2; done");

	(void)state;
	t->spec.timeout = u->spec.timeout = 1;
	t->spec.output_is_progress = u->spec.output_is_progress = true;
	u->spec.on_error = on_error;
	run(t);
	assert_int_equal(t->result.end, PROC_EXITED);
	run(u);
	assert_int_equal(u->result.end, PROC_TIMED_OUT);
	free_run(t);
	free_run(u);
}

static void a_third_stream(void **state)
{
	struct run *t = new_run("echo out; echo extra >&4; echo err >&2");

	(void)state;
	t->spec.on_extra = on_error;
	t->spec.on_error = on_output;
	run(t);
	assert_string_equal(t->err.s, "extra\n");
	assert_int_equal(t->out.len, strlen("out\nerr\n"));
	t->spec.output_max = 1000;
	strv_release(&t->spec.argv);
	strv_split(&t->spec.argv, "sh -c", " ");
	strv_add(&t->spec.argv, "yes >&4");
	run(t);
	assert_int_equal(t->result.end, PROC_OUTPUT_FULL);
	free_run(t);
}

static void the_tail_is_the_end(void **state)
{
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char line[16];
		int n = snprintf(line, sizeof(line), "%d\n", i);

		proc_tail(line, (size_t)n, &b);
	}
	assert_true(b.len >= PROC_TAIL && b.len <= 2 * PROC_TAIL);
	assert_int_equal(strlen(b.s), b.len);
	assert_string_equal(b.s + b.len - 12, "99998\n99999\n");
}

static void a_file_without_a_shebang_is_a_script(void **state)
{
	struct run *t = new_run("");
	char *host = root_host_path(&R, "/script");

	(void)state;
	put("/script", "echo script $1 $2\n");
	assert_int_equal(fs_chmod(&R, "/script", 0755), 0);
	strv_release(&t->spec.argv);
	strv_take(&t->spec.argv, host);
	strv_add(&t->spec.argv, "a");
	strv_add(&t->spec.argv, "b");
	run(t);
	assert_int_equal(t->r, 0);
	assert_string_equal(t->out.s, "script a b\n");
	free_run(t);
}

static void searches_the_childs_path(void **state)
{
	struct run *t = new_run("");
	char *path = xasprintf("/nonesuch:%s/first:%s/second", R.path, R.path);

	(void)state;
	make_dir("/first");
	make_dir("/second");
	put("/first/tool", "not executable");
	put("/second/tool", "#!/bin/sh\necho second\n");
	assert_int_equal(fs_chmod(&R, "/second/tool", 0755), 0);
	strv_release(&t->spec.argv);
	strv_add(&t->spec.argv, "tool");
	proc_setenv(&t->spec, "PATH", path);
	free(path);
	run(t);
	assert_int_equal(t->r, 0);
	assert_string_equal(t->out.s, "second\n");
	assert_int_equal(fs_remove_tree(&R, "/second"), 0);
	run(t);
	assert_int_equal(t->r, -EACCES);
	free_run(t);
}

static void foreign_root_is_a_chroot(void **state)
{
	struct run *t = new_run("");

	(void)state;
	strv_release(&t->spec.argv);
	strv_add(&t->spec.argv, "/bin/only-inside");
	t->spec.root = &R;
	run(t);
	/* -ENOENT: it is searched inside the root. */
	assert_int_equal(t->r, geteuid() == 0 ? -ENOENT : -EPERM);
	free_run(t);
}

static int fake(const struct proc_spec *spec, struct proc_result *ret, void *data)
{
	(*(int *)data)++;
	*ret = (struct proc_result){ .end = PROC_EXITED, .status = (int)spec->argv.n };
	return 0;
}

static void the_door_can_be_replaced(void **state)
{
	struct run *t = new_run("exit 9");
	int calls = 0;

	(void)state;
	proc_set_runner(fake, &calls);
	run(t);
	proc_set_runner(NULL, NULL);
	assert_int_equal(calls, 1);
	assert_int_equal(t->result.status, 3);
	run(t);
	assert_int_equal(t->result.status, 9);
	free_run(t);
}

static int worker(void *arg)
{
	int *n = arg;

	usleep((useconds_t)(*n * 100000));
	return *n;
}

static void workers_end_in_any_order(void **state)
{
	struct proc_worker w[2] = { { 0 }, { 0 } };
	int slow = 3, fast = 0;
	size_t i = 99;

	(void)state;
	assert_int_equal(proc_worker_start(&w[0], worker, &slow), 0);
	assert_int_equal(proc_worker_start(&w[1], worker, &fast), 0);
	assert_int_equal(proc_worker_wait(w, 2, 0, &i), 0);
	assert_int_equal(i, 1);
	assert_int_equal(w[1].pid, 0);
	assert_int_equal(w[1].result.status, 0);
	assert_int_equal(proc_worker_wait(w, 2, 0, &i), 0);
	assert_int_equal(i, 0);
	assert_int_equal(w[0].result.end, PROC_EXITED);
	assert_int_equal(w[0].result.status, 3);
	assert_int_equal(proc_worker_wait(w, 2, 0, &i), -ECHILD);
}

static void a_tick_comes_while_one_waits(void **state)
{
	struct proc_worker w = { 0 };
	int slow = 25; /* tenths of a second */
	size_t i = 99;
	int ticks = 0, r;

	(void)state;
	assert_int_equal(proc_worker_start(&w, worker, &slow), 0);
	while ((r = proc_worker_wait(&w, 1, 1, &i)) == -EAGAIN)
		ticks++;
	assert_int_equal(r, 0);
	assert_int_equal(i, 0);
	assert_true(ticks >= 1);
	assert_int_equal(w.result.status, 25);
}

static int worker_with_child(void *arg)
{
	struct proc_spec *spec = arg;
	struct proc_result result = { .end = PROC_EXITED };

	return proc_run(spec, &result) == 0 && result.end == PROC_INTERRUPTED ? 5 : 6;
}

/* The runner of the test below: one worker that sleeps in a child, and a signal. */
static int interrupted_parent(void)
{
	struct proc_spec spec = PROC_INIT;
	struct proc_worker w = { 0 };
	size_t i;

	signals_catch();
	strv_add(&spec.argv, "sleep");
	strv_add(&spec.argv, "1000");
	if (proc_worker_start(&w, worker_with_child, &spec) < 0)
		return 1;
	usleep(200000);
	raise(SIGINT);
	if (proc_worker_wait(&w, 1, 0, &i) < 0 || signals_interrupted() != SIGINT)
		return 2;
	proc_spec_release(&spec);
	return w.result.status == 5 ? 0 : 3;
}

static int interrupted_but_to_the_end(void)
{
	struct run *t = new_run("echo ran"), *other = new_run("exec sleep 1000");
	int r;

	signals_catch();
	raise(SIGTERM);
	t->spec.to_the_end = true;
	run(t);
	r = t->r == 0 && t->result.end == PROC_EXITED && strcmp(t->out.s, "ran\n") == 0 ? 0 : 1;
	run(other);
	if (r == 0 && (other->r < 0 || other->result.end != PROC_INTERRUPTED))
		r = 2;
	free_run(t);
	free_run(other);
	return r;
}

/* In a process of its own: the flag cannot be cleared. */
static void assert_child_says_0(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_signal_ends_workers_and_their_children(void **state)
{
	(void)state;
	assert_child_says_0(interrupted_parent);
}

static void what_must_run_to_the_end_does(void **state)
{
	(void)state;
	assert_child_says_0(interrupted_but_to_the_end);
}

static int without_sigchld(void)
{
	struct run *t = new_run("exit 3");
	int r;

	signal(SIGCHLD, SIG_IGN);
	run(t);
	r = t->r == 0 && t->result.end == PROC_EXITED && t->result.status == 3 ? 0 : 1;
	free_run(t);
	return r;
}

static void inherited_ignored_sigchld_loses_no_status(void **state)
{
	(void)state;
	assert_child_says_0(without_sigchld);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(tells_how_it_ended),
		ROOT_TEST(not_started_is_not_failed),
		ROOT_TEST(gets_only_what_was_given),
		ROOT_TEST(default_signals_and_own_group),
		ROOT_TEST(input_comes_from_memory_descriptor_or_nowhere),
		ROOT_TEST(output_goes_where_it_is_wanted),
		ROOT_TEST(output_limit_ends_it),
		ROOT_TEST(time_limit_ends_the_group),
		ROOT_TEST(what_it_leaves_behind_does_not_hang_us),
		ROOT_TEST(what_left_its_session_is_ended_too),
		ROOT_TEST(a_service_may_be_left),
		ROOT_TEST(a_killed_parent_leaves_nothing),
		ROOT_TEST(progress_starts_the_clock_anew),
		ROOT_TEST(a_third_stream),
		ROOT_TEST(the_tail_is_the_end),
		ROOT_TEST(a_file_without_a_shebang_is_a_script),
		ROOT_TEST(searches_the_childs_path),
		ROOT_TEST(foreign_root_is_a_chroot),
		ROOT_TEST(the_door_can_be_replaced),
		ROOT_TEST(workers_end_in_any_order),
		ROOT_TEST(a_tick_comes_while_one_waits),
		ROOT_TEST(a_signal_ends_workers_and_their_children),
		ROOT_TEST(what_must_run_to_the_end_does),
		ROOT_TEST(inherited_ignored_sigchld_loses_no_status),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
