/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/util.h"
#include "sys/fd.h"

static void pager_set_env(const char *const *env)
{
	for (; *env; env++) {
		const char *equals = strchr(*env, '=');
		AUTO_FREE char *name = xstrndup(*env, (size_t)(equals - *env));

		setenv(name, equals + 1, 0);
	}
}

/*
 * Runs in the child.  If the command cannot be started, writes -errno to `report`.  A successful
 * exec closes `report`, and nothing is written to it.
 */
static _Noreturn void pager_exec(const char *command, const char *const *env, int in, int report)
{
	bool plain = !strpbrk(command, "|&;<>()$`\\\"' \t\n*?[#~=%");
	int error;

	pager_set_env(env);
	if (dup2(in, STDIN_FILENO) >= 0) {
		if (plain)
			execlp(command, command, (char *)NULL);
		else
			execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	}
	error = -errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* Returns 0 if exec has closed the pipe, else what the child wrote. */
static int pager_read_error(int fd)
{
	int error = 0;
	ssize_t n;

	do
		n = read(fd, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

static void pager_reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static int pager_fork(struct pager *p, const char *command, const char *const *env, int in)
{
	AUTO_FD int started = -1, report = -1;
	int ends[2];
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	started = ends[0];
	report = ends[1];
	p->pid = fork();
	if (p->pid < 0)
		return -errno;
	if (p->pid == 0)
		pager_exec(command, env, in, report);
	fd_closep(&report);
	report = -1;
	r = pager_read_error(started);
	if (r < 0)
		pager_reap(p->pid);
	return r;
}

int pager_start(struct pager *p, const char *command, const char *const *env)
{
	AUTO_FD int in = -1, out = -1;
	int ends[2];
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	in = ends[0];
	out = ends[1];
	r = pager_fork(p, command, env, in);
	if (r < 0) {
		p->pid = 0;
		return r;
	}
	p->saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	/*
	 * Ignore SIGINT, because Ctrl-C is meant for the pager, and SIGPIPE, because the pager may
	 * end before it has read everything.
	 */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return dup2(out, STDOUT_FILENO) < 0 ? -errno : 0;
}

void pager_end(struct pager *p)
{
	if (!p->pid)
		return;
	/* Close our end of the pipe, so that the pager sees the end of the text. */
	if (p->saved >= 0) {
		dup2(p->saved, STDOUT_FILENO);
		close(p->saved);
	} else {
		close(STDOUT_FILENO);
	}
	pager_reap(p->pid);
	*p = (struct pager)PAGER_INIT;
}
