/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DELIVER_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U /* from linux/close_range.h, which older systems lack */
#endif
#define DESCRIPTORS_MAX 65536 /* without close_range(2), only descriptors below this are closed */

static int deliver_write_text(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/*
 * If `fd` is 0, 1 or 2, return a duplicate above 2 and close `fd`; else return `fd`.  Descriptors
 * below 3 can be free, because a daemon may have closed them.  If `fd` is -1, from a call that
 * failed, errno stays as it is.
 */
static int deliver_move_fd(int fd)
{
	int up;

	if (fd > 2 || fd < 0)
		return fd;
	up = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return up;
}

/* Returns a descriptor from which the text can be read, or -errno. */
static int deliver_open_text(const struct deliver *d)
{
	int fd = deliver_move_fd(memfd_create("dkms-event", MFD_CLOEXEC)), r;

	if (fd < 0)
		return -errno;
	r = deliver_write_text(fd, d->text, d->len);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* Our environment, with DELIVER_PATH.  Free the vector, not its strings.  NULL: out of memory. */
static char **deliver_make_env(void)
{
	size_t n = 0, k = 0;
	char **env;

	while (environ && environ[n])
		n++;
	env = malloc((n + 2) * sizeof(*env));
	if (!env)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], "PATH=", 5) != 0)
			env[k++] = environ[i];
	env[k++] = (char *)"PATH=" DELIVER_PATH;
	env[k] = NULL;
	return env;
}

static void deliver_reset_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL); /* fails for SIGKILL and SIGSTOP, which need no reset */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Let exec close all descriptors but 0, 1 and 2. */
static void deliver_set_cloexec(void)
{
	long max = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	for (int fd = 3; fd < (max < DESCRIPTORS_MAX ? max : DESCRIPTORS_MAX); fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0)
			fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
	}
}

static int deliver_set_output(const struct deliver *d)
{
	for (int fd = 1; fd <= 2; fd++) {
		if (d->out >= 0 && dup2(d->out, fd) < 0)
			return -errno;
		/* open(2) takes the lowest free descriptor.  It is `fd`: those below are open. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_WRONLY) < 0)
			return -errno;
	}
	return 0;
}

/*
 * Turn this process into the engine.  Returns only on failure: -errno.  It may run after fork(2) in
 * a program with threads, so it must not call malloc(3).
 */
static int deliver_become(const struct deliver *d, int text, char **env)
{
	const char *engine = d->engine ? d->engine : DELIVER_ENGINE;
	char *const argv[] = { (char *)engine, (char *)"event", NULL };
	int r;

	if (dup2(text, 0) < 0)
		return -errno;
	r = deliver_set_output(d); /* before chroot: another root may have no /dev/null */
	if (r < 0)
		return r;
	if ((d->root && chroot(d->root) < 0) || chdir("/") < 0)
		return -errno;
	umask(022);
	deliver_set_cloexec();
	deliver_reset_signals();
	execve(engine, argv, env);
	return -errno;
}

/* Make what deliver_become() needs.  The caller closes *ret_text and frees *ret_env. */
static int deliver_prepare(const struct deliver *d, int *ret_text, char ***ret_env)
{
	int text = deliver_open_text(d);

	if (text < 0)
		return text;
	*ret_env = deliver_make_env();
	if (!*ret_env) {
		close(text);
		return -ENOMEM;
	}
	*ret_text = text;
	return 0;
}

int deliver_exec(const struct deliver *d)
{
	char **env;
	int text, r = deliver_prepare(d, &text, &env);

	if (r < 0)
		return r;
	r = deliver_become(d, text, env);
	free(env);
	close(text);
	return r;
}

static int deliver_wait(pid_t pid, int *ret_status)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_status = status;
	return 0;
}

/*
 * Let a child become the engine, and wait for it.  If exec fails, the child reports -errno through
 * a pipe.  A successful exec closes the pipe.
 */
static int deliver_spawn(const struct deliver *d, int text, char **env, int *ret_status)
{
	int why[2], r = 0;
	pid_t pid;

	if (pipe2(why, O_CLOEXEC) < 0)
		return -errno;
	why[1] = deliver_move_fd(why[1]);
	pid = fork();
	if (pid == 0) {
		r = deliver_become(d, text, env);
		_exit(write(why[1], &r, sizeof(r)) == sizeof(r) ? 127 : 126);
	}
	if (pid < 0)
		r = -errno;
	close(why[1]);
	while (pid > 0 && read(why[0], &r, sizeof(r)) < 0 && errno == EINTR)
		;
	close(why[0]);
	if (pid < 0)
		return r;
	if (r == 0)
		return deliver_wait(pid, ret_status);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

int deliver_child(const struct deliver *d, int *ret_status)
{
	struct sigaction before, plain = { .sa_handler = SIG_DFL };
	char **env;
	int text, r = deliver_prepare(d, &text, &env);

	if (r < 0)
		return r;
	/* If SIGCHLD is ignored, the kernel reaps the child and waitpid(2) fails. */
	sigaction(SIGCHLD, &plain, &before);
	r = deliver_spawn(d, text, env, ret_status);
	sigaction(SIGCHLD, &before, NULL);
	free(env);
	close(text);
	return r;
}
