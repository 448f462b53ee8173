/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/keeper.h"
#include "sys/signals.h"

enum {
	GRACE_MSEC = 200,      /* for the last output, after the keeper's end */
	KILL_MSEC = 15000,     /* for a keeper to end after SIGTERM; then it gets SIGKILL */
	TICK_MSEC = 20,	       /* between two checks whether a keeper has ended, without pidfds */
	READS_AFTER_END = 256, /* of READ_SIZE bytes: more than a pipe can hold */
	READ_SIZE = 16384,
};

static proc_runner_fn proc_runner;
static void *proc_runner_data;
static proc_idle_fn proc_idle;
static void *proc_idle_data;

void proc_set_runner(proc_runner_fn fn, void *data)
{
	proc_runner = fn;
	proc_runner_data = data;
}

void proc_spec_release(struct proc_spec *spec)
{
	strv_release(&spec->argv);
	strv_release(&spec->env);
}

void proc_setenv(struct proc_spec *spec, const char *name, const char *value)
{
	size_t i;

	if (child_env(&spec->env, name, &i))
		strv_remove(&spec->env, i);
	strv_addf(&spec->env, "%s=%s", name, value);
}

char *proc_result_text(const struct proc_spec *spec, const struct proc_result *res)
{
	switch (res->end) {
	case PROC_EXITED: return xasprintf("exit status %d", res->status);
	case PROC_SIGNALED: return xasprintf("signal %d", res->status);
	case PROC_TIMED_OUT: return xasprintf("time limit of %u s", spec->timeout);
	case PROC_OUTPUT_FULL: return xasprintf("more than %zu bytes of output", spec->output_max);
	case PROC_INTERRUPTED: return xstrdup("interrupted");
	}
	return xstrdup("unknown end");
}

bool proc_was_killed(const struct proc_result *res)
{
	return res->end == PROC_INTERRUPTED ||
	       (res->end == PROC_SIGNALED && (res->status == SIGKILL || res->status == SIGTERM ||
					      res->status == SIGINT || res->status == SIGHUP));
}

int proc_killed_error(const struct proc_result *res)
{
	return res->end == PROC_INTERRUPTED ? -E_INTERRUPTED : -E_GENERAL;
}

void proc_collect(const char *data, size_t len, void *buf)
{
	buf_add(buf, data, len);
}

void proc_tail(const char *data, size_t len, void *buf)
{
	struct buf *b = buf;

	buf_add(b, data, len);
	if (b->len <= 2 * PROC_TAIL)
		return;
	memmove(b->s, b->s + b->len - PROC_TAIL, PROC_TAIL + 1);
	b->len = PROC_TAIL;
}

enum { OUT, ERR, EXTRA, N_PIPES };

struct proc_child {
	const struct proc_spec *spec;
	pid_t pid;			   /* of its keeper */
	int pidfd;			   /* of its keeper; -1: Linux has no pidfds */
	int pipes[N_PIPES];		   /* read ends; -1: none, or closed */
	size_t bytes;			   /* read from all pipes */
	uint64_t start, kill_at, leave_at; /* clock_msec(); 0: not yet */
	uint64_t clock;			   /* clock_msec() from which the time limit counts */
	bool gone;			   /* the keeper has ended */
	bool ended;			   /* we have sent SIGTERM; result.end says why */
	struct proc_result result;
};

static int proc_open_input(const struct proc_spec *spec)
{
	AUTO_FD int fd = -1;
	int r;

	if (!spec->input)
		return spec->stdin_fd >= 0 ? fcntl(spec->stdin_fd, F_DUPFD_CLOEXEC, 0)
					   : fd_open_null(O_RDONLY);
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	r = fd_write(fd, spec->input, spec->input_len);
	if (r < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		errno = r < 0 ? -r : errno;
		return -1;
	}
	return fd_take(&fd);
}

/* Returns the child's write end, or -1 with errno.  *ret_read: our read end, with O_NONBLOCK. */
static int proc_open_pipe(int *ret_read)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*ret_read = fds[0];
	return fds[1];
}

static int proc_open_stdout(const struct proc_spec *spec, struct proc_child *c)
{
	if (spec->output_fd >= 0)
		return fcntl(spec->output_fd, F_DUPFD_CLOEXEC, 0);
	if (spec->on_output)
		return proc_open_pipe(&c->pipes[OUT]);
	if (spec->quiet)
		return fd_open_null(O_WRONLY);
	return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
}

static int proc_open_stderr(const struct proc_spec *spec, struct proc_child *c, int out)
{
	if (spec->on_error)
		return proc_open_pipe(&c->pipes[ERR]);
	if (spec->output_fd >= 0 || spec->on_output || spec->quiet)
		return fcntl(out, F_DUPFD_CLOEXEC, 0);
	return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
}

/* Returns 0 if the child has reached exec, else the -errno that it sent. */
static int proc_read_start_status(int fd)
{
	int status;

	for (;;) {
		ssize_t n = read(fd, &status, sizeof(status));

		if (n < 0 && errno == EINTR)
			continue;
		return n == (ssize_t)sizeof(status) ? status : 0;
	}
}

static void proc_reap(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		continue;
}

static int proc_fork(struct proc_child *c, struct child_ends e, int status_read)
{
	pid_t parent = getpid();
	int r, wstatus;

	c->pid = fork();
	if (c->pid < 0)
		return -errno;
	if (c->pid == 0) {
		close(status_read);
		for (int i = 0; i < N_PIPES; i++)
			fd_closep(&c->pipes[i]);
		keeper_run(c->spec, e, parent);
	}
	setpgid(c->pid, c->pid);
	close(e.status);
	r = proc_read_start_status(status_read);
	if (r < 0)
		proc_reap(c->pid, &wstatus);
	return r;
}

static int proc_start(struct proc_child *c)
{
	const struct proc_spec *spec = c->spec;
	AUTO_FD int in = proc_open_input(spec);
	AUTO_FD int out = in < 0 ? -1 : proc_open_stdout(spec, c);
	AUTO_FD int err = out < 0 ? -1 : proc_open_stderr(spec, c, out);
	AUTO_FD int extra = -1;
	AUTO_FD int status_read = -1;
	int status;
	int r;

	if (err < 0)
		return -errno;
	if (spec->on_extra)
		extra = proc_open_pipe(&c->pipes[EXTRA]);
	if (spec->on_extra && extra < 0)
		return -errno;
	status = proc_open_pipe(&status_read);
	if (status < 0)
		return -errno;
	fcntl(status_read, F_SETFL, 0);
	r = proc_fork(
		c,
		(struct child_ends){ in,
				     out,
				     err,
				     { extra >= 0 ? extra : spec->keep_fd[0], spec->keep_fd[1] },
				     status },
		status_read);
	if (c->pid < 0)
		close(status);
	if (r < 0)
		return r;
#ifdef SYS_pidfd_open
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
#endif
	return 0;
}

static void proc_end_group(struct proc_child *c, enum proc_end why)
{
	if (c->ended)
		return;
	c->ended = true;
	c->result.end = why;
	c->kill_at = clock_msec() + KILL_MSEC;
	kill(-c->pid, SIGTERM);
}

/* Read once and pass on what was read.  Returns false if nothing can be read now. */
static bool proc_take_output(struct proc_child *c, int which)
{
	proc_output_fn fn = which == ERR     ? c->spec->on_error
			    : which == EXTRA ? c->spec->on_extra
					     : c->spec->on_output;
	size_t max = c->spec->output_max;
	char data[READ_SIZE];
	ssize_t n = read(c->pipes[which], data, sizeof(data));
	size_t len;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	if (n <= 0) {
		close(c->pipes[which]);
		c->pipes[which] = -1;
		return false;
	}
	len = (size_t)n;
	if (max && len > max - c->bytes) {
		len = max - c->bytes;
		proc_end_group(c, PROC_OUTPUT_FULL);
	}
	c->bytes += len;
	if (which == OUT && c->spec->output_is_progress)
		c->clock = clock_msec();
	if (len > 0)
		fn(data, len, c->spec->data);
	return true;
}

/*
 * Note whether the keeper has ended.  WNOWAIT leaves it a zombie until proc_finish(), so that
 * kill(-pid) cannot hit another group with this number.
 */
static void proc_check_end(struct proc_child *c)
{
	siginfo_t info = { .si_pid = 0 };

	if (c->gone || waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	    info.si_pid == 0)
		return;
	c->gone = true;
	c->leave_at = clock_msec() + GRACE_MSEC;
}

static void proc_check_limits(struct proc_child *c, uint64_t now)
{
	if (!c->gone && c->spec->timeout && now >= c->clock + c->spec->timeout * 1000ULL)
		proc_end_group(c, PROC_TIMED_OUT);
	if (!c->gone && signals_interrupted() && !c->spec->to_the_end)
		proc_end_group(c, PROC_INTERRUPTED);
	if (c->kill_at && now >= c->kill_at) {
		kill(-c->pid, SIGKILL);
		c->kill_at = UINT64_MAX;
	}
}

static bool proc_is_done(const struct proc_child *c, uint64_t now)
{
	if (!c->gone)
		return false;
	return (c->pipes[OUT] < 0 && c->pipes[ERR] < 0 && c->pipes[EXTRA] < 0) ||
	       now >= c->leave_at;
}

static uint64_t proc_earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void proc_set_idle(proc_idle_fn fn, void *data)
{
	proc_idle = fn;
	proc_idle_data = data;
}

static void proc_poll(struct proc_child *c, uint64_t now, const sigset_t *mask)
{
	struct pollfd fds[N_PIPES + 1] = {
		{ .fd = c->pipes[OUT], .events = POLLIN },
		{ .fd = c->pipes[ERR], .events = POLLIN },
		{ .fd = c->pipes[EXTRA], .events = POLLIN },
		{ .fd = c->gone ? -1 : c->pidfd, .events = POLLIN },
	};
	uint64_t until = UINT64_MAX;
	struct timespec wait;

	if (c->spec->timeout && !c->ended)
		until = c->clock + c->spec->timeout * 1000ULL;
	if (c->kill_at)
		until = proc_earlier(until, c->kill_at);
	if (c->gone)
		until = proc_earlier(until, c->leave_at);
	else if (c->pidfd < 0)
		until = proc_earlier(until, now + TICK_MSEC);
	if (proc_idle)
		until = proc_earlier(until, now + 1000);
	until = until > now ? until - now : 0;
	wait = (struct timespec){ (time_t)(until / 1000), (long)(until % 1000) * 1000000 };
	/* Signals are unblocked only here, so none is lost between the check and the sleep. */
	if (ppoll(fds, ARRAY_SIZE(fds), until > INT32_MAX ? NULL : &wait, mask) <= 0)
		return;
	for (int i = 0; i < N_PIPES; i++) {
		if (fds[i].revents)
			proc_take_output(c, i);
	}
}

static void proc_attend(struct proc_child *c, const sigset_t *mask)
{
	for (;;) {
		uint64_t now = clock_msec();

		proc_check_end(c);
		proc_check_limits(c, now);
		if (proc_is_done(c, now))
			return;
		if (proc_idle)
			proc_idle(proc_idle_data);
		proc_poll(c, now, mask);
	}
}

static void proc_set_status(struct proc_result *res, int wstatus)
{
	res->end = WIFSIGNALED(wstatus) ? PROC_SIGNALED : PROC_EXITED;
	res->status = WIFSIGNALED(wstatus) ? WTERMSIG(wstatus) : WEXITSTATUS(wstatus);
}

static void proc_finish(struct proc_child *c)
{
	int wstatus = 0;

	for (int i = 0; i < N_PIPES; i++) {
		for (int n = 0; c->pipes[i] >= 0 && n < READS_AFTER_END; n++) {
			if (!proc_take_output(c, i))
				break;
		}
	}
	proc_reap(c->pid, &wstatus);
	if (!c->ended)
		proc_set_status(&c->result, wstatus);
	/* The signal handler may have sent SIGTERM before proc_check_limits() could. */
	if (c->result.end == PROC_SIGNALED && signals_interrupted() && !c->spec->to_the_end)
		c->result.end = PROC_INTERRUPTED;
	c->result.msec = clock_msec() - c->start;
}

static int proc_run_child(struct proc_child *c)
{
	sigset_t old;
	int r;

	signals_block(&old);
	r = proc_start(c);
	if (r == 0) {
		if (!c->spec->to_the_end)
			signals_add_group(c->pid);
		proc_attend(c, &old);
		signals_remove_group(c->pid);
		proc_finish(c);
	}
	signals_unblock(&old);
	for (int i = 0; i < N_PIPES; i++)
		fd_closep(&c->pipes[i]);
	fd_closep(&c->pidfd);
	return r;
}

int proc_run(const struct proc_spec *spec, struct proc_result *ret)
{
	struct proc_child c = { .spec = spec, .pid = -1, .pidfd = -1, .pipes = { -1, -1, -1 } };
	int r;

	if (proc_runner)
		return proc_runner(spec, ret, proc_runner_data);
	if (spec->argv.n == 0)
		return -EINVAL;
	c.start = c.clock = clock_msec();
	r = proc_run_child(&c);
	if (r == 0)
		*ret = c.result;
	return r;
}

/* ---- workers ---- */

static void NORETURN proc_worker_run(int (*fn)(void *arg), void *arg, pid_t parent,
				     const sigset_t *old)
{
	int status;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	signals_forget_groups();
	proc_set_idle(NULL, NULL);
	signals_unblock(old);
	status = fn(arg);
	fflush(NULL);
	_exit(status);
}

int proc_worker_start(struct proc_worker *ret, int (*fn)(void *arg), void *arg)
{
	pid_t parent = getpid();
	sigset_t old;
	pid_t pid;
	int r;

	/*
	 * Flush first: fork(2) copies the stdio buffers, and both processes would write what is in
	 * them.
	 */
	fflush(NULL);
	signals_block(&old);
	pid = fork();
	if (pid == 0)
		proc_worker_run(fn, arg, parent, &old);
	if (pid > 0) {
		setpgid(pid, pid);
		signals_add_group(pid);
		*ret = (struct proc_worker){ .pid = pid, .result.msec = clock_msec() };
	}
	r = pid < 0 ? -errno : 0;
	signals_unblock(&old);
	return r;
}

static bool proc_worker_find(const struct proc_worker *workers, size_t n, pid_t pid, size_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (workers[i].pid == pid) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static void proc_worker_end(struct proc_worker *w)
{
	int wstatus = 0;

	kill(-w->pid, SIGKILL);
	signals_remove_group(w->pid);
	proc_reap(w->pid, &wstatus);
	proc_set_status(&w->result, wstatus);
	w->result.msec = clock_msec() - w->result.msec;
	w->pid = 0;
}

static void proc_on_tick(int number)
{
	(void)number; /* this handler only has to interrupt waitid() */
}

/* Send SIGALRM every so many seconds: a single one could come too early, just before waitid(). */
static void proc_set_tick(unsigned int seconds)
{
	struct itimerval t = { .it_interval.tv_sec = seconds, .it_value.tv_sec = seconds };
	struct sigaction action = { .sa_handler = seconds ? proc_on_tick : SIG_IGN };

	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &t, NULL);
}

static int proc_worker_wait_any(struct proc_worker *workers, size_t n, bool ticks,
				size_t *ret_index)
{
	siginfo_t info = { .si_pid = 0 };

	for (;;) {
		if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0) {
			if (errno == EINTR && !ticks)
				continue;
			return errno == EINTR ? -EAGAIN : -errno;
		}
		if (proc_worker_find(workers, n, info.si_pid, ret_index))
			return 0;
		proc_reap(info.si_pid, NULL); /* an orphan that became our child */
	}
}

int proc_worker_wait(struct proc_worker *workers, size_t n, unsigned int tick, size_t *ret_index)
{
	size_t i = 0;
	int r;

	if (tick)
		proc_set_tick(tick);
	r = proc_worker_wait_any(workers, n, tick != 0, &i);
	if (tick)
		proc_set_tick(0);
	if (r < 0)
		return r;
	proc_worker_end(&workers[i]);
	*ret_index = i;
	return 0;
}
