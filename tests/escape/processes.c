/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other processes, privileges, limits, and what processes share. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static int processes_signal(const char *target)
{
	return probe_result(kill(probe_target_pid(target), 0));
}

static int processes_descriptor(const char *target)
{
	int pidfd = (int)syscall(SYS_pidfd_open, probe_target_pid(target), 0);

	return pidfd < 0 ? errno : probe_result(syscall(SYS_pidfd_getfd, pidfd, 0, 0));
}

/* It lets go when this process ends. */
static int processes_trace(const char *target)
{
	return probe_result(ptrace(PTRACE_SEIZE, probe_target_pid(target), NULL, NULL));
}

static int processes_trace_own(const char *unused)
{
	(void)unused;
	return probe_result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

/* At an address where nothing is: EFAULT comes behind the check. */
static int processes_read(const char *target)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { (void *)8, 1 };

	return probe_passed(process_vm_readv(probe_target_pid(target), &to, 1, &from, 1, 0),
			    EFAULT);
}

static int processes_write(const char *target)
{
	char byte = 0;
	struct iovec from = { &byte, 1 }, to = { (void *)8, 1 };

	return probe_passed(process_vm_writev(probe_target_pid(target), &from, 1, &to, 1, 0),
			    EFAULT);
}

/* Its limit is set to what it is; another one could end it. */
static int processes_limit(const char *target)
{
	struct rlimit now;

	if (prlimit(probe_target_pid(target), RLIMIT_CORE, NULL, &now) < 0)
		return errno;
	return probe_result(prlimit(probe_target_pid(target), RLIMIT_CORE, &now, NULL));
}

static int processes_priority(const char *target)
{
	pid_t pid = probe_target_pid(target);

	errno = 0;
	return probe_result(
		setpriority(PRIO_PROCESS, (id_t)pid, getpriority(PRIO_PROCESS, (id_t)pid)));
}

const struct probe probes_processes[] = {
	{ "signal-process", processes_signal, "victim" },
	{ "signal-engine", processes_signal, "engine" },
	{ "signal-neighbour", processes_signal, "neighbour" },
	{ "limit-process", processes_limit, "victim" },
	{ "limit-engine", processes_limit, "engine" },
	{ "limit-neighbour", processes_limit, "neighbour" },
	{ "priority-of-process", processes_priority, "victim" },
	{ "priority-of-neighbour", processes_priority, "neighbour" },
	{ "steal-descriptor-of-process", processes_descriptor, "victim" },
	{ "steal-descriptor-of-engine", processes_descriptor, "engine" },
	{ "trace-process", processes_trace, "victim" },
	{ "trace-engine", processes_trace, "engine" },
	{ "trace-neighbour", processes_trace, "neighbour" },
	{ "trace-own", processes_trace_own, NULL },
	{ "read-memory-of-engine", processes_read, "engine" },
	{ "read-memory-of-neighbour", processes_read, "neighbour" },
	{ "write-memory-of-engine", processes_write, "engine" },
	{ "write-memory-of-neighbour", processes_write, "neighbour" },
	{ NULL, NULL, NULL },
};

/* ---- privileges ---- */

static int privileges_root(const char *unused)
{
	(void)unused;
	return geteuid() == 0 || getuid() == 0 ? 0 : EPERM;
}

static int privileges_setuid(const char *unused)
{
	(void)unused;
	return probe_result(syscall(SYS_setresuid, 0, 0, 0));
}

static int privileges_setgid(const char *unused)
{
	(void)unused;
	return probe_result(syscall(SYS_setresgid, 0, 0, 0));
}

static int privileges_setgroups(const char *unused)
{
	gid_t shadow = 42;

	(void)unused;
	return probe_result(syscall(SYS_setgroups, 1, &shadow));
}

static int privileges_groups(const char *unused)
{
	(void)unused;
	return getgroups(0, NULL) > 0 || getegid() == 0 ? 0 : EPERM;
}

/* A copy of this program: with a setuid bit of root, or with capabilities of the file. */
static int privileges_program(const char *path)
{
	int wstatus = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execl(path, path, "--root", NULL);
		_exit(errno);
	}
	if (pid < 0 || waitpid(pid, &wstatus, 0) < 0)
		return errno;
	return WIFEXITED(wstatus) ? WEXITSTATUS(wstatus) : EPERM;
}

static int privileges_capabilities(const char *unused)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };

	(void)unused;
	if (syscall(SYS_capget, &head, data) < 0)
		return errno;
	return data[0].effective || data[1].effective || data[0].permitted || data[1].permitted ||
			       data[0].inheritable || data[1].inheritable
		       ? 0
		       : EPERM;
}

/* What a program with capabilities could have. */
static int privileges_bounding(const char *unused)
{
	(void)unused;
	for (unsigned long cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			return 0;
	return EPERM;
}

static int privileges_new(const char *unused)
{
	(void)unused;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
}

static int privileges_nice(const char *unused)
{
	(void)unused;
	return probe_result(setpriority(PRIO_PROCESS, 0, -10));
}

static int privileges_realtime(const char *unused)
{
	struct sched_param p = { .sched_priority = 1 };

	(void)unused;
	return probe_result(sched_setscheduler(0, SCHED_FIFO, &p));
}

const struct probe probes_privileges[] = {
	{ "be-root", privileges_root, NULL },
	{ "become-root", privileges_setuid, NULL },
	{ "become-root-group", privileges_setgid, NULL },
	{ "take-groups", privileges_setgroups, NULL },
	{ "have-groups", privileges_groups, NULL },
	{ "setuid-program", privileges_program, PROBE_HOME "/probe-setuid" },
	{ "capable-program", privileges_program, PROBE_HOME "/probe-capable" },
	{ "capabilities", privileges_capabilities, NULL },
	{ "bounding-set", privileges_bounding, NULL },
	{ "new-privileges", privileges_new, NULL },
	{ "be-urgent", privileges_nice, NULL },
	{ "be-realtime", privileges_realtime, NULL },
	{ NULL, NULL, NULL },
};

/* ---- limits: each is first raised, if that is allowed ---- */

static rlim_t limits_raised(__rlimit_resource_t what)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY }, now = { 0, 0 };

	if (setrlimit(what, &all) == 0 || getrlimit(what, &now) < 0)
		return RLIM_INFINITY;
	now.rlim_cur = now.rlim_max;
	return setrlimit(what, &now) == 0 ? now.rlim_max : 0;
}

/* A file with a hole of one TiB. */
static int limits_file(const char *unused)
{
	int fd = probe_create(probe_scratch(), NULL), r;

	(void)unused;
	limits_raised(RLIMIT_FSIZE);
	r = probe_result(ftruncate(fd, (off_t)1 << 40));
	(void)!ftruncate(fd, 0);
	return r;
}

/*
 * Where there is a limit that a machine survives, it also has to hold: it is lowered to what runs,
 * because so many processes would be missed by the other tests.
 */
static int limits_processes(const char *unused)
{
	enum { MANY = 16384 };
	struct rlimit one = { 1, limits_raised(RLIMIT_NPROC) };
	pid_t pid;

	(void)unused;
	if (one.rlim_max > MANY || setrlimit(RLIMIT_NPROC, &one) < 0)
		return 0;
	pid = fork();
	if (pid == 0)
		_exit(0);
	return probe_result(pid);
}

static int limits_core(const char *unused)
{
	(void)unused;
	return limits_raised(RLIMIT_CORE) > 0 ? 0 : EPERM;
}

static int limits_memory(const char *unused)
{
	(void)unused;
	limits_raised(RLIMIT_AS);
	return mmap(NULL, (size_t)1 << 42, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0) == MAP_FAILED
		       ? errno
		       : 0;
}

const struct probe probes_limits[] = {
	{ "file-flood", limits_file, NULL },
	{ "process-flood", limits_processes, NULL },
	{ "core-dump", limits_core, NULL },
	{ "memory-flood", limits_memory, NULL },
	{ NULL, NULL, NULL },
};

/* ---- what processes share: made by escape.test, open to everybody ---- */

static int ipc_shm(const char *key)
{
	return probe_result(shmget((key_t)strtol(key, NULL, 0), 0, 0600));
}

static int ipc_queue(const char *name)
{
	return probe_result(mq_open(name, O_WRONLY | O_NONBLOCK));
}

static int ipc_add_key(const char *unused)
{
	(void)unused;
	return probe_result(
		syscall(SYS_add_key, "user", "escape", "x", 1, KEY_SPEC_PROCESS_KEYRING));
}

static int ipc_request_key(const char *unused)
{
	(void)unused;
	return probe_passed(syscall(SYS_request_key, "user", "escape-none", NULL, 0), ENOKEY);
}

static int ipc_keyring(const char *unused)
{
	(void)unused;
	return probe_result(
		syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1, 0, 0));
}

const struct probe probes_ipc[] = {
	{ "shared-memory", ipc_shm, "@shm" },  { "message-queue", ipc_queue, "@queue" },
	{ "add-key", ipc_add_key, NULL },      { "request-key", ipc_request_key, NULL },
	{ "user-keyring", ipc_keyring, NULL }, { NULL, NULL, NULL },
};
