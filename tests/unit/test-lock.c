/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/lock.h"

#include "sys/signals.h"
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/log.h"
#include "sys/proc.h"
#include "sys/process.h"

static int take(struct lock *l, enum lock_mode mode)
{
	return lock_take(l, &R, "/locks/deep/one", "testing", mode, NULL, NULL, NULL);
}

/* A child that holds the lock until it is told to stop; ready when this returns. */
static pid_t start_holder(int *ret_stop)
{
	int ready[2], stop[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(stop), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct lock l = LOCK_INIT;

		close(stop[1]);
		if (take(&l, LOCK_TRY) < 0 || write(ready[1], "r", 1) != 1)
			_exit(1);
		_exit(read(stop[0], &c, 1) < 0);
	}
	close(stop[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	*ret_stop = stop[1];
	return pid;
}

static void makes_folder_and_names_the_holder(void **state)
{
	struct lock l = LOCK_INIT;
	bool waited = true;
	AUTO_BUF struct buf b = BUF_INIT;
	char *start;

	(void)state;
	assert_int_equal(
		lock_take(&l, &R, "/locks/deep/one", "testing", LOCK_TRY, NULL, NULL, &waited), 0);
	assert_false(waited);
	assert_int_equal(fs_read(&R, "/locks/deep/one", 1000, &b), 0);
	start = xasprintf("%d ", getpid());
	assert_int_equal(strncmp(b.s, start, strlen(start)), 0);
	assert_non_null(strstr(b.s, " testing\n"));
	free(start);
	lock_release(&l);
	lock_release(&l);
	assert_true(fs_is_file(&R, "/locks/deep/one"));
	assert_int_equal(take(&l, LOCK_TRY), 0);
	lock_release(&l);
}

static void shorter_text_replaces_longer(void **state)
{
	struct lock l = LOCK_INIT;
	AUTO_BUF struct buf b = BUF_INIT;

	(void)state;
	make_dir("/locks/deep");
	put("/locks/deep/one",
	    "99999999 1 something very much longer than what comes\nand a line\n");
	assert_int_equal(take(&l, LOCK_TRY), 0);
	assert_int_equal(fs_read(&R, "/locks/deep/one", 1000, &b), 0);
	assert_null(strstr(b.s, "line"));
	assert_int_equal(b.s[b.len - 1], '\n');
	lock_release(&l);
}

/* false under qemu-user, which invents what a process reads in /proc about itself. */
static bool proc_is_true(void)
{
	struct process self = { 0 }, seen = { 0 };
	pid_t pid = getpid(), child;
	int status;

	assert_true(process_look_up(pid, &self));
	child = fork();
	if (child == 0)
		_exit(!process_look_up(pid, &seen) || seen.start != self.start ||
		      seen.parent != self.parent);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status == 0;
}

static void own_and_ancestors_lock_is_a_deadlock(void **state)
{
	struct lock l = LOCK_INIT, again = LOCK_INIT;
	int status;
	pid_t pid;

	(void)state;
	if (!proc_is_true())
		skip();
	assert_int_equal(take(&l, LOCK_TRY), 0);
	assert_int_equal(take(&again, LOCK_WAIT), -EDEADLK);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0)
			_exit(take(&again, LOCK_WAIT) == -EDEADLK ? 0 : 1);
		_exit(waitpid(grandchild, &status, 0) < 0 || status != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(again.fd, -1);
	lock_release(&l);
}

static void try_says_held(void **state)
{
	struct lock l = LOCK_INIT;
	int stop, status;
	pid_t pid = start_holder(&stop);

	(void)state;
	assert_int_equal(take(&l, LOCK_TRY), -EWOULDBLOCK);
	close(stop);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(take(&l, LOCK_TRY), 0);
	lock_release(&l);
}

struct waiting {
	pid_t holder;
	int calls;
	bool named;
};

static void kill_holder(const char *path, const char *holder, void *data)
{
	struct waiting *w = data;

	w->calls++;
	w->named = atoi(holder) == w->holder && strstr(holder, "testing") &&
		   strcmp(path, "/locks/deep/one") == 0;
	kill(w->holder, SIGKILL);
}

static void waits_and_a_dead_holder_frees_it(void **state)
{
	struct lock l = LOCK_INIT;
	bool waited = false;
	int stop;
	struct waiting w = { .holder = start_holder(&stop) };

	(void)state;
	assert_int_equal(
		lock_take(&l, &R, "/locks/deep/one", "x", LOCK_WAIT, kill_holder, &w, &waited), 0);
	assert_true(waited);
	assert_int_equal(w.calls, 1);
	assert_true(w.named);
	close(stop);
	assert_int_equal(waitpid(w.holder, NULL, 0), w.holder);
	lock_release(&l);
}

static void interrupt_self(const char *path, const char *holder, void *data)
{
	(void)path;
	(void)holder;
	(void)data;
	raise(SIGTERM);
}

static void a_signal_ends_the_wait(void **state)
{
	int stop, status;
	pid_t holder = start_holder(&stop);
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		struct lock l = LOCK_INIT;

		signals_catch();
		_exit(lock_take(&l, &R, "/locks/deep/one", "x", LOCK_WAIT, interrupt_self, NULL,
				NULL) == -EINTR
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(stop);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}

static void refuses_a_relative_path(void **state)
{
	struct lock l = LOCK_INIT;

	(void)state;
	assert_int_equal(lock_take(&l, &R, "x", "x", LOCK_TRY, NULL, NULL, NULL), -EINVAL);
}

/* Builds run in forked workers, which have a copy of each descriptor. */
static void a_forked_copy_does_not_hold_it(void **state)
{
	struct lock l = LOCK_INIT, again = LOCK_INIT;
	int stop[2];
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(take(&l, LOCK_TRY), 0);
	assert_int_equal(pipe(stop), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(stop[1]);
		_exit(read(stop[0], &c, 1) < 0);
	}
	lock_release(&l);
	assert_int_equal(take(&again, LOCK_TRY), 0);
	lock_release(&again);
	close(stop[0]);
	close(stop[1]);
	waitpid(pid, NULL, 0);
}

static unsigned int mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(fs_lstat(&R, path, &st), 0);
	return st.st_mode & 07777;
}

/* Whoever can open the file can lock it. */
static void others_cannot_open_it(void **state)
{
	struct lock l = LOCK_INIT;
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(take(&l, LOCK_TRY), 0);
	assert_int_equal(mode_of("/locks/deep/one"), 0600);
	lock_release(&l);
	assert_int_equal(fs_chmod(&R, "/locks/deep/one", 0644), 0);
	assert_int_equal(take(&l, LOCK_TRY), 0);
	assert_int_equal(mode_of("/locks/deep/one"), 0600);
	lock_release(&l);
	umask(mask);
}

/* A child that locks the file with flock(2) only, as anybody can who may read it. */
static pid_t start_stranger(const char *path)
{
	AUTO_FREE char *host = root_host_path(&R, path);
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(host, O_RDONLY);

		if (fd < 0 || flock(fd, LOCK_EX) < 0 || write(ready[1], "r", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_stranger_cannot_hold_it(void **state)
{
	static const enum lock_mode modes[] = { LOCK_WAIT, LOCK_END, LOCK_TRY };

	(void)state;
	make_dir("/locks/deep");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct lock l = LOCK_INIT;
		pid_t pid;

		put("/locks/deep/one", "");
		assert_int_equal(fs_chmod(&R, "/locks/deep/one", 0644), 0);
		pid = start_stranger("/locks/deep/one");
		assert_int_equal(take(&l, modes[i]), 0);
		assert_int_equal(mode_of("/locks/deep/one"), 0600);
		lock_release(&l);
		end_child(pid);
	}
}

/* Whoever can write the file can name any process as the holder. */
static void a_name_that_others_can_write_is_not_believed(void **state)
{
	struct lock l = LOCK_INIT;
	AUTO_BUF struct buf holder = BUF_INIT;
	pid_t pid;

	(void)state;
	assert_int_equal(take(&l, LOCK_TRY), 0);
	assert_int_equal(fs_read(&R, "/locks/deep/one", 1000, &holder), 0);
	lock_release(&l);
	put("/locks/deep/one", holder.s);
	assert_int_equal(fs_chmod(&R, "/locks/deep/one", 0666), 0);
	pid = start_stranger("/locks/deep/one");
	assert_int_equal(take(&l, LOCK_WAIT), 0);
	lock_release(&l);
	end_child(pid);
}

/* An older version of dkms made lock files that everybody can read. */
static void a_living_holder_of_ours_is_waited_for(void **state)
{
	int stop;
	struct waiting w = { .holder = start_holder(&stop) };
	struct lock l = LOCK_INIT;

	(void)state;
	assert_int_equal(fs_chmod(&R, "/locks/deep/one", 0644), 0);
	assert_int_equal(
		lock_take(&l, &R, "/locks/deep/one", "x", LOCK_WAIT, kill_holder, &w, NULL), 0);
	assert_int_equal(w.calls, 1);
	assert_int_equal(mode_of("/locks/deep/one"), 0600);
	close(stop);
	assert_int_equal(waitpid(w.holder, NULL, 0), w.holder);
	lock_release(&l);
}

static void a_link_is_not_followed(void **state)
{
	struct lock l = LOCK_INIT;

	(void)state;
	make_dir("/locks/deep");
	put("/precious", "content");
	assert_int_equal(fs_symlink(&R, "/precious", "/locks/deep/one"), 0);
	assert_int_equal(take(&l, LOCK_WAIT), 0);
	assert_content("/precious", "content");
	assert_int_equal(mode_of("/locks/deep/one"), 0600);
	lock_release(&l);
}

static void an_empty_folder_makes_room(void **state)
{
	struct lock l = LOCK_INIT;

	(void)state;
	make_dir("/locks/deep/one");
	assert_int_equal(take(&l, LOCK_WAIT), 0);
	lock_release(&l);
	assert_int_equal(fs_unlink(&R, "/locks/deep/one"), 0);
	make_dir("/locks/deep/one/more");
	assert_int_equal(take(&l, LOCK_WAIT), -ENOTEMPTY);
}

static pid_t told_of;

static void end_the_holder(enum log_level level, const char *text, void *data)
{
	(void)level;
	(void)data;
	if (strstr(text, "Waiting for another dkms, process") && strstr(text, "(testing)"))
		kill(told_of, SIGKILL);
}

static void a_wait_tells_for_whom(void **state)
{
	struct lock l = LOCK_INIT;
	int stop;

	(void)state;
	told_of = start_holder(&stop);
	log_set_sink(end_the_holder, NULL);
	assert_int_equal(take(&l, LOCK_END), 0);
	log_set_sink(NULL, NULL);
	lock_release(&l);
	close(stop);
	assert_int_equal(waitpid(told_of, NULL, 0), told_of);
}

/*
 * lock_take() after a signal, with a lock that is held for held_msec.  In a child, because the flag
 * of a signal cannot be cleared.  0: it returned wanted.
 */
static int end_after_signal(int wanted, long held_msec)
{
	int stop, status;
	pid_t holder = start_holder(&stop), pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct lock l = LOCK_INIT;

		signals_catch();
		raise(SIGTERM);
		_exit(take(&l, LOCK_END) != wanted);
	}
	if (held_msec) {
		nanosleep(&(struct timespec){ 0, held_msec * 1000000 }, NULL);
		kill(holder, SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	end_child(holder);
	close(stop);
	return status;
}

static void the_end_waits_for_a_moment_after_a_signal(void **state)
{
	(void)state;
	assert_int_equal(end_after_signal(0, 100), 0);
	assert_int_equal(end_after_signal(-EINTR, 0), 0);
}

static void what_cannot_be_read_counts_as_held(void **state)
{
	AUTO_FREE char *host = root_host_path(&R, "/locks/deep/one");
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		SKIP("not root");
	make_dir("/locks/deep");
	put("/locks/deep/one", "99999999 1 gone\n");
	assert_int_equal(fs_chmod(&R, "/locks/deep/one", 0600), 0);
	assert_int_equal(chmod(R.path, 0755), 0);
	assert_false(lock_holder_lives(&R, "/locks/deep/one"));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(setresuid(65534, 65534, 65534) < 0 || access(host, F_OK) < 0 ||
		      !lock_holder_lives(&R, "/locks/deep/one"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROOT_TEST(makes_folder_and_names_the_holder),
		ROOT_TEST(shorter_text_replaces_longer),
		ROOT_TEST(own_and_ancestors_lock_is_a_deadlock),
		ROOT_TEST(try_says_held),
		ROOT_TEST(a_forked_copy_does_not_hold_it),
		ROOT_TEST(waits_and_a_dead_holder_frees_it),
		ROOT_TEST(a_signal_ends_the_wait),
		ROOT_TEST(refuses_a_relative_path),
		ROOT_TEST(others_cannot_open_it),
		ROOT_TEST(a_stranger_cannot_hold_it),
		ROOT_TEST(a_name_that_others_can_write_is_not_believed),
		ROOT_TEST(a_living_holder_of_ours_is_waited_for),
		ROOT_TEST(a_link_is_not_followed),
		ROOT_TEST(an_empty_folder_makes_room),
		ROOT_TEST(a_wait_tells_for_whom),
		ROOT_TEST(the_end_waits_for_a_moment_after_a_signal),
		ROOT_TEST(what_cannot_be_read_counts_as_held),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
