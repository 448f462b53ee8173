/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "supervise.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

enum { BY_FD, BY_AT, BY_PATH, BY_OPENAT, BY_OPENAT2, BY_OPEN };

enum { EINTR_MAX = 30, CALL_MAX = 1 << 20 };

/* Which argument says what the call touches?  Of two paths, the last, which is the new name. */
static const struct call {
	int nr;
	int how;
	int arg;
	const char *name;
} calls[] = {
#define CALL(name, how, arg)                \
	{                                   \
		SYS_##name, how, arg, #name \
	}
	CALL(openat, BY_OPENAT, 0),	 CALL(openat2, BY_OPENAT2, 0), CALL(mkdirat, BY_AT, 0),
	CALL(mknodat, BY_AT, 0),	 CALL(unlinkat, BY_AT, 0),     CALL(renameat, BY_AT, 2),
	CALL(renameat2, BY_AT, 2),	 CALL(linkat, BY_AT, 2),       CALL(symlinkat, BY_AT, 1),
	CALL(fchmodat, BY_AT, 0),	 CALL(fchownat, BY_AT, 0),     CALL(utimensat, BY_AT, 0),
	CALL(write, BY_FD, 0),		 CALL(pwrite64, BY_FD, 0),     CALL(writev, BY_FD, 0),
	CALL(pwritev, BY_FD, 0),	 CALL(pwritev2, BY_FD, 0),     CALL(sendfile, BY_FD, 0),
	CALL(copy_file_range, BY_FD, 2), CALL(splice, BY_FD, 2),       CALL(ftruncate, BY_FD, 0),
	CALL(fallocate, BY_FD, 0),	 CALL(fsync, BY_FD, 0),	       CALL(fdatasync, BY_FD, 0),
	CALL(syncfs, BY_FD, 0),		 CALL(fchmod, BY_FD, 0),       CALL(fchown, BY_FD, 0),
	CALL(fsetxattr, BY_FD, 0),	 CALL(fremovexattr, BY_FD, 0), CALL(flock, BY_FD, 0),
	CALL(setxattr, BY_PATH, 0),	 CALL(lsetxattr, BY_PATH, 0),  CALL(truncate, BY_PATH, 0),
#ifdef SYS_open
	CALL(open, BY_OPEN, 0),		 CALL(creat, BY_PATH, 0),      CALL(mkdir, BY_PATH, 0),
	CALL(rmdir, BY_PATH, 0),	 CALL(unlink, BY_PATH, 0),     CALL(rename, BY_PATH, 1),
	CALL(link, BY_PATH, 1),		 CALL(symlink, BY_PATH, 1),    CALL(mknod, BY_PATH, 0),
	CALL(chmod, BY_PATH, 0),	 CALL(chown, BY_PATH, 0),      CALL(lchown, BY_PATH, 0),
	CALL(utimes, BY_PATH, 0),
#endif
#undef CALL
};

static const struct call *find_call(int nr)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (calls[i].nr == nr)
			return &calls[i];
	}
	errx(1, "system call %d was not asked for", nr);
}

/* ---- the filter ---- */

static int install_filter(void)
{
	struct sock_filter code[ARRAY_SIZE(calls) + 3];
	size_t n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 (unsigned int)calls[i].nr,
							 (unsigned char)(ARRAY_SIZE(calls) - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &(struct sock_fprog){ (unsigned short)n, code });
}

static void send_fd(int to, int fd)
{
	char space[CMSG_SPACE(sizeof(fd))] = { 0 }, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(to, &m, 0) < 0)
		err(1, "sendmsg");
}

static int receive_fd(int from)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = sizeof(space) };
	struct cmsghdr *c;
	int fd;

	if (recvmsg(from, &m, MSG_CMSG_CLOEXEC) <= 0)
		errx(1, "no seccomp listener: this kernel or container does not allow it");
	c = CMSG_FIRSTHDR(&m);
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* ---- the command ---- */

static void redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		err(1, "%s", path);
	close(fd);
}

/* Be the first process of the namespace, which outlives the command only to report its end. */
static void run_command(const struct supervise *s, int sock)
{
	int status, fd;
	pid_t pid;

	/*
	 * In a plain chroot "/" is no mount point, but /proc is.  The namespace needs a /proc of
	 * its own, because its pids mean other processes outside.
	 */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 &&
	    mount(NULL, "/proc", NULL, MS_PRIVATE, NULL) < 0)
		err(1, "the mounts of /proc cannot be made private");
	if (mount("proc", "/proc", "proc", 0, NULL) < 0)
		err(1, "/proc");
	redirect(s->input ? s->input : "/dev/null", O_RDONLY, 0);
	redirect(s->output, O_WRONLY | O_CREAT | O_APPEND, 1);
	dup2(1, 2);
	pid = fork();
	if (pid == 0) {
		fd = install_filter();
		if (fd < 0)
			err(1, "seccomp");
		send_fd(sock, fd);
		close(fd);
		close(sock);
		execv(s->argv->v[0], s->argv->v);
		err(127, "%s", s->argv->v[0]);
	}
	close(sock);
	while (waitpid(pid, &status, 0) < 0)
		continue;
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* ---- what is touched ---- */

static bool below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '/' || !path[len]);
}

/*
 * Is the target of `link`, a link in /proc, in a watched folder?  The command has mounts of its
 * own, so in a chroot the kernel shows their paths with what lies above the chroot in front.
 */
static bool link_below(const struct supervise *s, const char *link)
{
	char path[4096];
	ssize_t n;

	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(s->watched); i++) {
		const char *at = s->watched[i] ? strstr(path, s->watched[i]) : NULL;

		if (at && below(at, s->watched[i]))
			return true;
	}
	return false;
}

static bool fd_below(const struct supervise *s, int pid, int fd)
{
	char link[64];

	if (fd == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/%d/cwd", pid);
	else
		snprintf(link, sizeof(link), "/proc/%d/fd/%d", pid, fd);
	return link_below(s, link);
}

static bool path_below(const struct supervise *s, int pid, int dir, uint64_t address)
{
	char path[4096];
	struct iovec to = { path, sizeof(path) - 1 };
	/* The path may lie just before unreadable memory, so read it page by page. */
	size_t page = 4096 - (address & 4095);
	struct iovec from[2] = { { (void *)(uintptr_t)address, page },
				 { (void *)(uintptr_t)(address + page), 4096 } };
	ssize_t n = process_vm_readv(pid, &to, 1, from, 2, 0);

	path[n > 0 ? n : 0] = '\0';
	if (path[0] != '/')
		return fd_below(s, pid, dir);
	for (size_t i = 0; i < ARRAY_SIZE(s->watched); i++) {
		if (s->watched[i] && below(path, s->watched[i]))
			return true;
	}
	return false;
}

static bool writes(uint64_t flags)
{
	return (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
}

static bool is_counted(const struct supervise *s, const struct seccomp_notif *n)
{
	const struct call *c = find_call(n->data.nr);
	const unsigned long long *a = n->data.args;
	int pid = (int)n->pid, fd = (int)a[c->arg];
	struct open_how how = { 0 };
	struct iovec to = { &how, sizeof(how) }, from = { (void *)(uintptr_t)a[2], sizeof(how) };

	switch (c->how) {
	case BY_FD: return fd_below(s, pid, fd);
	case BY_AT: return path_below(s, pid, fd, a[c->arg + 1]);
	case BY_PATH: return path_below(s, pid, AT_FDCWD, a[c->arg]);
	case BY_OPEN: return writes(a[1]) && path_below(s, pid, AT_FDCWD, a[0]);
	case BY_OPENAT: return writes(a[2]) && path_below(s, pid, fd, a[1]);
	case BY_OPENAT2:
		return process_vm_readv(pid, &to, 1, &from, 1, 0) > 0 && writes(how.flags) &&
		       path_below(s, pid, fd, a[1]);
	default: return false;
	}
}

/* ---- the loop ---- */

static void answer(const struct supervise *s, int listener, const struct seccomp_notif *n, int e)
{
	struct seccomp_notif_resp r = { .id = n->id, .error = -e };

	(void)s;
	if (!e)
		r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r) < 0 && errno != ENOENT)
		err(1, "seccomp answer");
}

static bool fails(const struct supervise *s, unsigned int call)
{
	if (s->spoil == SPOIL_ONCE)
		return call == s->at;
	return s->spoil == SPOIL_FROM && call >= s->at &&
	       (s->error != EINTR || call < s->at + EINTR_MAX);
}

static void trace(const struct supervise *s, const struct seccomp_notif *n, unsigned int call)
{
	FILE *f = s->trace ? fopen(s->trace, "a") : NULL;

	if (!f)
		return;
	fprintf(f, "%u %s\n", call, find_call(n->data.nr)->name);
	fclose(f);
}

static void attend(const struct supervise *s, int listener, pid_t init, struct supervised *ret)
{
	struct seccomp_notif n = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0) {
		if (errno != ENOENT && errno != EINTR)
			err(1, "seccomp notification");
		return;
	}
	if (!is_counted(s, &n)) {
		answer(s, listener, &n, 0);
		return;
	}
	ret->calls++;
	trace(s, &n, ret->calls);
	if (ret->calls == s->at && s->spoil != SPOIL_NOTHING)
		ret->spoilt = true;
	if (ret->calls == s->at && (s->spoil == SPOIL_KILL || s->spoil == SPOIL_POWER)) {
		if (s->spoil == SPOIL_POWER)
			s->cut();
		kill(init, SIGKILL);
		return;
	}
	/* End a command that makes calls for ever. */
	if (ret->calls > CALL_MAX)
		kill(init, SIGKILL);
	answer(s, listener, &n, fails(s, ret->calls) ? s->error : 0);
}

void supervise(const struct supervise *s, struct supervised *ret)
{
	int socks[2], listener, status;
	pid_t init;

	*ret = (struct supervised){ 0, false, 0 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socks) < 0)
		err(1, "socketpair");
	init = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL,
			      NULL);
	if (init < 0)
		err(1, "a PID namespace");
	if (init == 0) {
		close(socks[0]);
		run_command(s, socks[1]);
	}
	close(socks[1]);
	listener = receive_fd(socks[0]);
	close(socks[0]);
	for (;;) {
		struct pollfd p = { .fd = listener, .events = POLLIN };

		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			err(1, "poll");
		if (p.revents & POLLIN)
			attend(s, listener, init, ret);
		else if (p.revents & (POLLHUP | POLLERR))
			break;
	}
	close(listener);
	while (waitpid(init, &status, 0) < 0)
		continue;
	ret->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
