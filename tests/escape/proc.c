/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc, /sys and devices; escape.test puts the devices into the root's /dev. */
#define _GNU_SOURCE
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- /proc and /sys ---- */

static int proc_file_of(const char *target, const char *name, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)probe_target_pid(target), name);
	return probe_result(open(path, flags | O_CLOEXEC));
}

static int proc_see(const char *target)
{
	return proc_file_of(target, "cmdline", O_RDONLY);
}

static int proc_mem(const char *target)
{
	return proc_file_of(target, "mem", O_RDWR);
}

static int proc_environ(const char *target)
{
	return proc_file_of(target, "environ", O_RDONLY);
}

static int proc_root(const char *target)
{
	return proc_file_of(target, "root/etc/passwd", O_RDONLY);
}

static int proc_descriptor(const char *target)
{
	return proc_file_of(target, "fd/0", O_RDONLY | O_NONBLOCK);
}

/* Is the text in a file NAME of any process that can be read? */
static int proc_search(const char *name, const char *text)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		static char data[1 << 17];
		char path[320];
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/%s", d->d_name, name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, data, sizeof(data));
		close(fd);
		if (n > 0 && memmem(data, (size_t)n, text, strlen(text)))
			return 0;
	}
	return ENOENT;
}

static int proc_search_cmdline(const char *text)
{
	return proc_search("cmdline", text);
}

static int proc_search_environ(const char *text)
{
	return proc_search("environ", text);
}

/* Addresses of the kernel, which are 0 for those who may not know them. */
static int proc_addresses(const char *unused)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[256];

	(void)unused;
	while (f && fgets(line, sizeof(line), f))
		if (strtoull(line, NULL, 16) != 0)
			return 0;
	return f ? EPERM : errno;
}

static int proc_spared(const char *unused)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	(void)unused;
	return fd < 0 ? errno : probe_result(write(fd, "-1000", 5));
}

static int proc_cgroup(const char *folder)
{
	const char *path = probe_path(folder, NULL);
	int r = probe_result(mkdir(path, 0755));

	if (r == 0)
		rmdir(path);
	return r;
}

const struct probe probes_proc[] = {
	{ "see-process", proc_see, "victim" },
	{ "see-engine", proc_see, "engine" },
	{ "memory-of-process", proc_mem, "victim" },
	{ "memory-of-engine", proc_mem, "engine" },
	{ "memory-of-neighbour", proc_mem, "neighbour" },
	{ "environ-of-process", proc_environ, "victim" },
	{ "environ-of-engine", proc_environ, "engine" },
	{ "environ-of-neighbour", proc_environ, "neighbour" },
	{ "root-of-process", proc_root, "victim" },
	{ "descriptor-of-engine", proc_descriptor, "engine" },
	{ "descriptor-of-neighbour", proc_descriptor, "neighbour" },
	{ "key-in-arguments", proc_search_cmdline, "/mok.key" },
	{ "key-in-environ", proc_search_environ, "/mok.key" },
	{ "secret-in-environ", proc_search_environ, "escape-secret" },
	{ "sysrq", probe_write, "/proc/sysrq-trigger" },
	{ "kcore", probe_read, "/proc/kcore" },
	{ "kmsg", probe_read, "/proc/kmsg" },
	{ "kernel-addresses", proc_addresses, NULL },
	{ "core-pattern", probe_write, "/proc/sys/kernel/core_pattern" },
	{ "modprobe-path", probe_write, "/proc/sys/kernel/modprobe" },
	{ "kernel-hostname", probe_write, "/proc/sys/kernel/hostname" },
	{ "overcommit", probe_write, "/proc/sys/vm/overcommit_memory" },
	{ "spared-by-oom", proc_spared, NULL },
	{ "sys", probe_write, "/sys/kernel/rcu_expedited" },
	{ "cgroup-make", proc_cgroup, "@cgroup" },
	{ "cgroup-move", probe_write, "@cgroup-procs" },
	{ NULL, NULL, NULL },
};

/* ---- devices ---- */

static int devices_type(const char *unused)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	(void)unused;
	for (int i = 0; fd < 0 && i < 3; i++)
		fd = isatty(i) ? i : -1;
	return fd < 0 ? ENOTTY : probe_result(ioctl(fd, TIOCSTI, " "));
}

const struct probe probes_devices[] = {
	{ "dev-mem", probe_read, "/dev/mem" },
	{ "dev-kmsg", probe_write, "/dev/kmsg" },
	{ "dev-disk", probe_read, "/dev/escape-disk" },
	{ "dev-tty", probe_write, "/dev/tty" },
	{ "dev-tty0", probe_write, "/dev/tty0" },
	{ "dev-vcs", probe_read, "/dev/vcs" },
	{ "dev-ptmx", probe_write, "/dev/ptmx" },
	{ "dev-fuse", probe_write, "/dev/fuse" },
	{ "dev-loop-control", probe_write, "/dev/loop-control" },
	{ "dev-tun", probe_write, "/dev/net/tun" },
	{ "dev-kvm", probe_write, "/dev/kvm" },
	{ "dev-vsock", probe_write, "/dev/vsock" },
	{ "dev-userfaultfd", probe_write, "/dev/userfaultfd" },
	{ "tiocsti", devices_type, NULL },
	{ NULL, NULL, NULL },
};
