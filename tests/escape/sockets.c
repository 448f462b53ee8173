/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets of every family, and the network. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* The argument is "FAMILY TYPE". */
static int sockets_open(const char *arg)
{
	char *type;
	int family = (int)strtol(arg, &type, 10);

	return probe_result(socket(family, atoi(type), 0));
}

/* What is not asked for by name above. */
static int sockets_others(const char *unused)
{
	int r = EAFNOSUPPORT;

	(void)unused;
	for (int family = 1; family < 64; family++) {
		if (family == AF_UNIX)
			continue;
		for (int type = SOCK_STREAM; type <= SOCK_SEQPACKET; type++) {
			if (socket(family, type, 0) >= 0)
				return 0;
			if (errno == EPERM || errno == EACCES)
				r = errno;
		}
	}
	return r;
}

static int sockets_raw(const char *unused)
{
	(void)unused;
	return probe_result(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

static int sockets_connect(const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 ? errno : probe_result(connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

/* An abstract name begins with '='. */
static int sockets_unix(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(to.sun_path, path, strlen(path));
	if (*path == '=')
		to.sun_path[0] = '\0';
	return fd < 0 ? errno : probe_result(connect(fd, (struct sockaddr *)&to, len));
}

static int sockets_pair(const char *type)
{
	int fds[2];

	return probe_result(socketpair(AF_UNIX, atoi(type), 0, fds));
}

static int sockets_namespace(const char *outside)
{
	char link[64];
	ssize_t n = readlink("/proc/self/ns/net", link, sizeof(link) - 1);

	if (n < 0)
		return errno;
	link[n] = '\0';
	return strcmp(link, outside) == 0 ? 0 : ENOENT;
}

/* The same call by the doors of other architectures, which a filter may have forgotten. */
#ifdef __x86_64__
static long sockets_int80(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = result < 0 ? (int)-result : 0;
	return result < 0 ? -1 : result;
}

static int sockets_i386(const char *unused)
{
	enum { I386_SOCKET = 359 };

	(void)unused;
	return probe_result(sockets_int80(I386_SOCKET, AF_INET, SOCK_STREAM, 0));
}

static int sockets_i386_unshare(const char *unused)
{
	enum { I386_UNSHARE = 310, NEW_USER = 0x10000000 };

	(void)unused;
	return probe_result(sockets_int80(I386_UNSHARE, NEW_USER, 0, 0));
}

static int sockets_x32(const char *unused)
{
	(void)unused;
	return probe_result(syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0));
}
#else
static int sockets_i386(const char *unused)
{
	(void)unused;
	return ENOSYS;
}
#define sockets_i386_unshare sockets_i386
#define sockets_x32	     sockets_i386
#endif

const struct probe probes_sockets[] = {
	{ "socket-inet", sockets_open, "2 1" },
	{ "socket-inet-udp", sockets_open, "2 2" },
	{ "socket-inet6", sockets_open, "10 1" },
	{ "socket-raw", sockets_raw, NULL },
	{ "socket-netlink", sockets_open, "16 3" },
	{ "socket-packet", sockets_open, "17 3" },
	{ "socket-can", sockets_open, "29 3" },
	{ "socket-bluetooth", sockets_open, "31 3" },
	{ "socket-alg", sockets_open, "38 5" },
	{ "socket-vsock", sockets_open, "40 1" },
	{ "socket-xdp", sockets_open, "44 3" },
	/* These send without connect(2), also one of a pair. */
	{ "socket-datagram", sockets_open, "1 2" },
	{ "socket-unix-raw", sockets_open, "1 3" },
	{ "socketpair-datagram", sockets_pair, "2" },
	{ "socket-others", sockets_others, NULL },
	{ "socket-i386", sockets_i386, NULL },
	{ "socket-x32", sockets_x32, NULL },
	{ "connect-inet", sockets_connect, "@port" },
	{ "connect-run", sockets_unix, "/run/escape-socket" },
	{ "connect-elsewhere", sockets_unix, "/srv/escape-socket" },
	{ "connect-abstract", sockets_unix, "@abstract" },
	{ "network-of-machine", sockets_namespace, "@netns" },
	{ "i386-unshare-user", sockets_i386_unshare, NULL },
	{ NULL, NULL, NULL },
};
