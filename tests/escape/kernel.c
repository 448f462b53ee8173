/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounts, namespaces and the rest of what the kernel offers. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/fanotify.h>
#ifdef __x86_64__
#include <sys/io.h>
#endif
#include <sys/quota.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* <sys/mount.h> and <sched.h> do not go together with the headers of the kernel. */
int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data);
int umount2(const char *target, int flags);
int unshare(int flags);
int setns(int fd, int type);

/* ---- mounts ---- */

static int mounts_mount(const char *place)
{
	int r = probe_result(mount("escape", place, "tmpfs", 0, "size=4k"));

	if (r == 0)
		umount2(place, 2 /* MNT_DETACH */);
	return r;
}

static int mounts_bind(const char *place)
{
	int r = probe_result(mount("/etc", place, NULL, 4096 /* MS_BIND */, NULL));

	if (r == 0)
		umount2(place, 2);
	return r;
}

/* "/" is read-only; may it be made what it was? */
static int mounts_remount(const char *unused)
{
	(void)unused;
	return probe_passed(
		mount(NULL, PROBE_HOME, NULL, 32 | 4096 /* MS_REMOUNT | MS_BIND */, NULL), EINVAL);
}

/* EINVAL: no mount is there. */
static int mounts_umount(const char *unused)
{
	(void)unused;
	return probe_passed(umount2(PROBE_HOME, 0), EINVAL);
}

static int mounts_fsopen(const char *unused)
{
	(void)unused;
	return probe_result(syscall(SYS_fsopen, "tmpfs", 0));
}

static int mounts_fspick(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_fspick, AT_FDCWD, PROBE_HOME, 0), EINVAL);
}

static int mounts_open_tree(const char *unused)
{
	(void)unused;
	return probe_result(syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | AT_RECURSIVE));
}

static int mounts_move(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_move_mount, -1, "", -1, "",
				    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
			    EBADF);
}

static int mounts_setattr(const char *unused)
{
	struct mount_attr attr = { 0 };

	(void)unused;
	return probe_result(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &attr, sizeof(attr)));
}

static int mounts_pivot_root(const char *unused)
{
	(void)unused;
	if (syscall(SYS_pivot_root, PROBE_HOME, PROBE_HOME) < 0)
		return errno == EBUSY || errno == EINVAL ? 0 : errno;
	return 0;
}

static int mounts_chroot(const char *unused)
{
	(void)unused;
	return probe_result(chroot("/"));
}

static int mounts_unshare(const char *which)
{
	static const struct {
		const char *name;
		int flag;
	} flags[] = {
		{ "user", CLONE_NEWUSER }, { "mount", CLONE_NEWNS },	  { "net", CLONE_NEWNET },
		{ "pid", CLONE_NEWPID },   { "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (!strcmp(flags[i].name, which))
			return probe_result(unshare(flags[i].flag));
	return EINVAL;
}

static int mounts_clone(const char *unused)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	(void)unused;
	if (pid == 0)
		_exit(0);
	return probe_result(pid);
}

static int mounts_clone3(const char *unused)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	(void)unused;
	if (pid == 0)
		_exit(0);
	return probe_result(pid);
}

static int mounts_setns(const char *unused)
{
	(void)unused;
	return probe_result(setns(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), CLONE_NEWUTS));
}

const struct probe probes_mounts[] = {
	{ "mount", mounts_mount, PROBE_HOME },
	{ "mount-bind", mounts_bind, PROBE_HOME },
	{ "remount", mounts_remount, NULL },
	{ "umount", mounts_umount, NULL },
	{ "fsopen", mounts_fsopen, NULL },
	{ "fspick", mounts_fspick, NULL },
	{ "open-tree", mounts_open_tree, NULL },
	{ "move-mount", mounts_move, NULL },
	{ "mount-setattr", mounts_setattr, NULL },
	{ "pivot-root", mounts_pivot_root, NULL },
	{ "chroot", mounts_chroot, NULL },
	{ "unshare-user", mounts_unshare, "user" },
	{ "unshare-mount", mounts_unshare, "mount" },
	{ "unshare-net", mounts_unshare, "net" },
	{ "unshare-pid", mounts_unshare, "pid" },
	{ "unshare-cgroup", mounts_unshare, "cgroup" },
	{ "unshare-time", mounts_unshare, "time" },
	{ "clone-user", mounts_clone, NULL },
	{ "clone3-user", mounts_clone3, NULL },
	{ "setns", mounts_setns, NULL },
	{ NULL, NULL, NULL },
};

/* ---- the rest ---- */

static int kernel_bpf(const char *unused)
{
	union bpf_attr attr;

	(void)unused;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	return probe_result(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int kernel_io_uring(const char *unused)
{
	struct io_uring_params params = { 0 };

	(void)unused;
	return probe_result(syscall(SYS_io_uring_setup, 1, &params));
}

static int kernel_userfaultfd(const char *unused)
{
	(void)unused;
	return probe_result(syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */));
}

static int kernel_perf(const char *unused)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_TASK_CLOCK,
					.exclude_kernel = 1,
					.exclude_hv = 1 };

	(void)unused;
	return probe_result(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));
}

static int kernel_init_module(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_init_module, NULL, 0, ""), ENOEXEC);
}

static int kernel_finit_module(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_finit_module, -1, "", 0), EBADF);
}

static int kernel_delete_module(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_delete_module, "escape_none", O_NONBLOCK), ENOENT);
}

/* More segments than there may be. */
static int kernel_kexec(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_kexec_load, 0, 1000, NULL, 0), EINVAL);
}

static int kernel_kexec_file(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_kexec_file_load, -1, -1, 0, NULL, 0), EBADF);
}

/* The length of a tick is set to what it is. */
static int kernel_clock(const char *unused)
{
	struct timex t = { .modes = 0 };

	(void)unused;
	if (adjtimex(&t) < 0)
		return errno;
	t.modes = ADJ_TICK;
	return probe_result(adjtimex(&t));
}

static int kernel_hostname(const char *unused)
{
	struct utsname u;

	(void)unused;
	uname(&u);
	return probe_result(sethostname(u.nodename, strlen(u.nodename)));
}

static int kernel_domainname(const char *unused)
{
	struct utsname u;

	(void)unused;
	uname(&u);
	return probe_result(setdomainname(u.domainname, strlen(u.domainname)));
}

/* With numbers that are not the magic ones. */
static int kernel_reboot(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_reboot, 1, 2, 3, NULL), EINVAL);
}

/* To set the level of the console, with a level that there is not. */
static int kernel_syslog(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_syslog, 8, NULL, 0), EINVAL);
}

static int kernel_quota(const char *unused)
{
	(void)unused;
	return probe_result(quotactl(QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL));
}

static int kernel_swapon(const char *unused)
{
	(void)unused;
	return probe_passed(swapon("/escape-none", 0), ENOENT);
}

static int kernel_swapoff(const char *unused)
{
	(void)unused;
	return probe_passed(swapoff("/escape-none"), ENOENT);
}

static int kernel_acct(const char *unused)
{
	(void)unused;
	return probe_passed(acct("/escape-none"), ENOENT);
}

static int kernel_fanotify(const char *unused)
{
	(void)unused;
	return probe_result(fanotify_init(FAN_CLASS_NOTIF | FAN_UNLIMITED_QUEUE, O_RDONLY));
}

/* In a session without a terminal, so that nobody loses his. */
static int kernel_vhangup(const char *unused)
{
	(void)unused;
	setsid();
	return probe_result(vhangup());
}

static int kernel_ports(const char *unused)
{
	(void)unused;
#ifdef __x86_64__
	return probe_result(ioperm(0x80, 1, 1));
#else
	return ENOSYS;
#endif
}

static int kernel_all_ports(const char *unused)
{
	(void)unused;
#ifdef __x86_64__
	return probe_result(iopl(3));
#else
	return ENOSYS;
#endif
}

const struct probe probes_kernel[] = {
	{ "bpf", kernel_bpf, NULL },
	{ "io-uring", kernel_io_uring, NULL },
	{ "userfaultfd", kernel_userfaultfd, NULL },
	{ "perf-event", kernel_perf, NULL },
	{ "init-module", kernel_init_module, NULL },
	{ "finit-module", kernel_finit_module, NULL },
	{ "delete-module", kernel_delete_module, NULL },
	{ "kexec", kernel_kexec, NULL },
	{ "kexec-file", kernel_kexec_file, NULL },
	{ "set-clock", kernel_clock, NULL },
	{ "set-hostname", kernel_hostname, NULL },
	{ "set-domainname", kernel_domainname, NULL },
	{ "reboot", kernel_reboot, NULL },
	{ "syslog", kernel_syslog, NULL },
	{ "quota", kernel_quota, NULL },
	{ "swapon", kernel_swapon, NULL },
	{ "swapoff", kernel_swapoff, NULL },
	{ "accounting", kernel_acct, NULL },
	{ "fanotify", kernel_fanotify, NULL },
	{ "hang-up", kernel_vhangup, NULL },
	{ "ports", kernel_ports, NULL },
	{ "all-ports", kernel_all_ports, NULL },
	{ NULL, NULL, NULL },
};
