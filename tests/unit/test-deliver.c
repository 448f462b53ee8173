/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/common/deliver.h"

#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Make an engine: a shell script in the test's root.  Its descriptor 7 is the file "seen" there. */
static char *engine_script(const char *body)
{
	char *host = root_host_path(&R, "/engine"), *text;

	text = xasprintf("#!/bin/sh\nexec 7>%s/seen\n%s\n", R.path, body);
	put("/engine", text);
	assert_int_equal(chmod(host, 0755), 0);
	free(text);
	return host;
}

static int run_child(const char *body, const char *text, int *ret_status)
{
	AUTO_FREE char *engine = engine_script(body);
	struct deliver d = { .engine = engine, .text = text, .len = strlen(text), .out = -1 };

	return deliver_child(&d, ret_status);
}

static void text_arrives_whole(void **state)
{
	AUTO_FREE char *text = xmalloc(1 << 18);
	int status = -1;

	(void)state;
	memset(text, 'x', 1 << 18); /* more than a pipe holds */
	text[(1 << 18) - 1] = '\0';
	assert_int_equal(run_child("wc -c >&7; echo $# $1 >&7", text, &status), 0);
	assert_int_equal(status, 0);
	assert_content("/seen", "262143\n1 event\n");
}

static void status_is_told(void **state)
{
	int status = 0;

	(void)state;
	assert_int_equal(run_child("exit 10", "", &status), 0);
	assert_int_equal(WEXITSTATUS(status), 10);
	assert_int_equal(run_child("kill -9 $$", "", &status), 0);
	assert_int_equal(WTERMSIG(status), 9);
}

static void no_engine_is_told(void **state)
{
	AUTO_FREE char *engine = root_host_path(&R, "/none");
	struct deliver d = { .engine = engine, .text = "", .out = -1 };
	int status = 42;

	(void)state;
	assert_int_equal(deliver_child(&d, &status), -ENOENT);
	put("/none", "not executable\n");
	assert_int_equal(deliver_child(&d, &status), -EACCES);
	assert_int_equal(deliver_exec(&d), -EACCES);
	assert_int_equal(status, 42);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* rpm runs its hooks with nearly all signals blocked and SIGPIPE ignored. */
static void signals_are_put_right(void **state)
{
	sigset_t all, before;
	int status = -1;

	(void)state;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	/* Without 32 and 33, which are libc's own. */
	assert_int_equal(run_child("while read k v; do case $k in SigBlk:|SigIgn:)"
				   " echo $((0x$v & ~0x180000000)) >&7;;"
				   " esac; done </proc/$$/status",
				   "", &status),
			 0);
	assert_int_equal(status, 0);
	assert_true(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_content("/seen", "0\n0\n");
}

static void descriptors_are_closed(void **state)
{
	int a = open("/dev/null", O_RDONLY), b = fcntl(a, F_DUPFD, 50), status = -1;
	AUTO_FREE char *body =
		xasprintf("for fd in 0 1 2 %d %d; do [ -e /proc/$$/fd/$fd ] && echo open >&7 ||"
			  " echo closed >&7; done",
			  a, b);

	(void)state;
	assert_true(a > 2 && a < 7 && b >= 50);
	assert_int_equal(run_child(body, "", &status), 0);
	close(a);
	close(b);
	assert_content("/seen", "open\nopen\nopen\nclosed\nclosed\n");
}

/* A daemon may have closed 0, 1 and 2. */
static void standard_descriptors_are_there(void **state)
{
	int saved[3], status = -1, r;

	(void)state;
	fflush(NULL);
	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 60);
		close(fd);
	}
	r = run_child("cat >&7; echo out && echo err >&2 && echo written >&7", "text\n", &status);
	for (int fd = 0; fd < 3; fd++) {
		dup2(saved[fd], fd);
		close(saved[fd]);
	}
	assert_int_equal(r, 0);
	assert_int_equal(status, 0);
	assert_content("/seen", "text\nwritten\n");
}

static void output_goes_where_it_shall(void **state)
{
	AUTO_FREE char *engine = engine_script("echo out; echo err >&2");
	AUTO_FREE char *host = root_host_path(&R, "/output");
	struct deliver d = { .engine = engine, .text = "" };
	int status = -1;

	(void)state;
	d.out = open(host, O_WRONLY | O_CREAT | O_APPEND, 0644);
	assert_int_equal(deliver_child(&d, &status), 0);
	close(d.out);
	assert_content("/output", "out\nerr\n");
}

static void surroundings_are_put_right(void **state)
{
	int status = -1;
	mode_t before = umask(077);

	(void)state;
	setenv("PATH", "/nowhere", 1);
	setenv("DKMS_TEST_KEPT", "kept", 1);
	assert_int_equal(run_child("echo $PATH $DKMS_TEST_KEPT $(pwd) $(umask) >&7", "", &status),
			 0);
	assert_string_equal(getenv("PATH"), "/nowhere");
	unsetenv("PATH");
	assert_int_equal(run_child("echo $PATH >&7; exit 3", "", &status), 0);
	assert_int_equal(WEXITSTATUS(status), 3);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	assert_int_equal(umask(before), 077);
	assert_content("/seen", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
	assert_int_equal(run_child("echo $DKMS_TEST_KEPT $(pwd) $(umask) >&7", "", &status), 0);
	assert_content("/seen", "kept / 0022\n");
}

/* Only our own child is waited for. */
static void other_children_are_left(void **state)
{
	pid_t other = fork();
	int status = -1;

	(void)state;
	if (other == 0)
		_exit(7);
	assert_int_equal(run_child("exit 1", "", &status), 0);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void becomes_the_engine(void **state)
{
	AUTO_FREE char *engine = engine_script("cat >&7; exit 5");
	struct deliver d = { .engine = engine, .text = "an event\n", .len = 9, .out = -1 };
	int status;
	pid_t pid;

	(void)state;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		_exit(deliver_exec(&d) < 0 ? 99 : 98);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 5);
	assert_content("/seen", "an event\n");
}

static void other_root(void **state)
{
	struct deliver d = { .engine = "/none", .root = R.path, .text = "", .out = -1 };
	int status;

	(void)state;
	if (geteuid() != 0) {
		assert_int_equal(deliver_child(&d, &status), -EPERM);
		return;
	}
	/* Not the machine's own: there is nothing at all in that root. */
	assert_int_equal(deliver_child(&d, &status), -ENOENT);
	d.engine = "/bin/sh";
	assert_int_equal(deliver_child(&d, &status), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(text_arrives_whole),
		ROOT_TEST(status_is_told),
		ROOT_TEST(no_engine_is_told),
		ROOT_TEST(signals_are_put_right),
		ROOT_TEST(descriptors_are_closed),
		ROOT_TEST(standard_descriptors_are_there),
		ROOT_TEST(output_goes_where_it_shall),
		ROOT_TEST(surroundings_are_put_right),
		ROOT_TEST(other_children_are_left),
		ROOT_TEST(becomes_the_engine),
		ROOT_TEST(other_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
