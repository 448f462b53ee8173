/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define DELIVER_PATH	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define DESCRIPTORS_MAX 65536 /* where close_range(2) is missing */

static int write_all(int fd, const char *text, size_t len)
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

/* A descriptor from which the text can be read. */
static int text_descriptor(const struct deliver *d)
{
	int fd = memfd_create("dkms-event", MFD_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, d->text, d->len);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static void default_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL); /* some cannot be changed, and need not be */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* exec closes all but 0, 1 and 2. */
static void mark_descriptors(void)
{
	long max = sysconf(_SC_OPEN_MAX);

	for (int fd = 3; fd < (max < DESCRIPTORS_MAX ? max : DESCRIPTORS_MAX); fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0)
			fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
	}
}

/* This process becomes the engine. */
static int become(const struct deliver *d, int text)
{
	const char *engine = d->engine ? d->engine : DELIVER_ENGINE;
	char *const argv[] = { (char *)engine, (char *)"event", NULL };

	if ((d->root && chroot(d->root) < 0) || chdir("/") < 0)
		return -errno;
	if (d->out >= 0 && (dup2(d->out, 1) < 0 || dup2(d->out, 2) < 0))
		return -errno;
	if (dup2(text, 0) < 0 || setenv("PATH", DELIVER_PATH, 1) < 0)
		return -errno;
	mark_descriptors();
	default_signals();
	execv(engine, argv);
	return -errno;
}

int deliver_exec(const struct deliver *d)
{
	int text = text_descriptor(d), r;

	if (text < 0)
		return text;
	r = become(d, text);
	close(text);
	return r;
}

static int wait_for(pid_t pid, int *ret_status)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_status = status;
	return 0;
}

/* fork; why it could not become the engine comes back through a pipe that exec closes. */
static int spawn(const struct deliver *d, int text, int *ret_status)
{
	int why[2], r = 0;
	pid_t pid;

	if (pipe2(why, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		r = become(d, text);
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
		return wait_for(pid, ret_status);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

int deliver_child(const struct deliver *d, int *ret_status)
{
	struct sigaction before, plain = { .sa_handler = SIG_DFL };
	int text = text_descriptor(d), r;

	if (text < 0)
		return text;
	/* With SIGCHLD ignored the kernel would reap the child before we can ask. */
	sigaction(SIGCHLD, &plain, &before);
	r = spawn(d, text, ret_status);
	sigaction(SIGCHLD, &before, NULL);
	close(text);
	return r;
}
