/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outside UID - what the probes aim at and what only a process can offer: processes of root and of
 * the user UID ("neighbour": another build), sockets, shared memory, a message queue.
 *
 * Prints where it is, as lines for PROBE_TARGETS, then closes its output and waits for its input's
 * end.
 */
#define _GNU_SOURCE
#include <mqueue.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void outside_must(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static void outside_unix(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(at.sun_path, path, strlen(path));
	if (*path == '=')
		at.sun_path[0] = '\0';
	else
		unlink(path);
	outside_must(bind(fd, (struct sockaddr *)&at, len), path);
	outside_must(listen(fd, 100), path);
	if (*path == '/')
		outside_must(chmod(path, 0777), path);
}

static int outside_inet(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	outside_must(bind(fd, (struct sockaddr *)&at, len), "inet");
	outside_must(listen(fd, 100), "inet");
	outside_must(getsockname(fd, (struct sockaddr *)&at, &len), "inet");
	return ntohs(at.sin_port);
}

/* It lets other processes of its user look into it. */
static pid_t outside_neighbour(uid_t uid)
{
	pid_t pid = fork();

	outside_must(pid, "fork");
	if (pid > 0)
		return pid;
	outside_must(setresgid(uid, uid, uid), "setresgid");
	outside_must(setresuid(uid, uid, uid), "setresuid");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 1);
	for (;;)
		pause();
}

/* A process of root that signs, and says so in its arguments and environment. */
static pid_t outside_signer(const char *program)
{
	static char key[] = "KEY=/var/lib/dkms/mok.key";
	char *argv[] = { "sign", "--wait", key, NULL }, *env[] = { key, NULL };
	pid_t pid = fork();

	outside_must(pid, "fork");
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execve(program, argv, env);
	_exit(1);
}

static void outside_offer(uid_t uid, const char *program)
{
	char name[64], link[64];
	ssize_t n = readlink("/proc/self/ns/net", link, sizeof(link) - 1);

	outside_must(n, "ns/net");
	link[n] = '\0';
	snprintf(name, sizeof(name), "=escape-%d", getpid());
	outside_unix(name);
	outside_unix("/run/escape-socket");
	outside_unix("/srv/escape-socket");
	printf("abstract %s\nport %d\nnetns %s\n", name, outside_inet(), link);
	printf("victim %d\n", outside_signer(program));
	printf("neighbour %d\n", outside_neighbour(uid));
}

int main(int argc, char **argv)
{
	key_t key = 0x65730000 | (getpid() & 0xffff);
	char queue[64], byte;
	int shm;

	if (argc > 1 && !strcmp(argv[1], "--wait"))
		return pause();
	if (argc != 2)
		return 2;
	umask(0);
	snprintf(queue, sizeof(queue), "/escape-%d", getpid());
	shm = shmget(key, 4096, IPC_CREAT | 0666);
	outside_must(shm, "shmget");
	outside_must(mq_open(queue, O_CREAT | O_RDWR, 0666, NULL), "mq_open");
	printf("queue %s\nshm %#x\n", queue, (unsigned int)key);
	outside_offer((uid_t)atoi(argv[1]), argv[0]);
	fflush(stdout);
	close(1);
	while (read(0, &byte, 1) > 0)
		continue;
	mq_unlink(queue);
	shmctl(shm, IPC_RMID, NULL);
	return 0;
}
