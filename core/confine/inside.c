/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "confine/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/mutation.h"
#include "sys/signals.h"

enum {
	GRACE_MSEC = 200,     /* for what the program left running, as in sys/keeper.c */
	MAX_PROCESSES = 8192, /* of the user, in all builds of the machine */
	OOM_SCORE = 500,      /* as if it used half of the memory more */
};

#define MAX_FILE ((rlim_t)16 << 30) /* bytes */

/* ---- what both the mounts and Landlock are made from ---- */

const char *const inside_hidden[] = { "/home",	"/root",    "/run",    "/mnt",
				      "/media", "/var/tmp", "/etc/ssh" };
const size_t inside_n_hidden = ARRAY_SIZE(inside_hidden);

const struct inside_device inside_devices[] = { { "/dev/null", 3 },
						{ "/dev/zero", 5 },
						{ "/dev/full", 7 },
						{ "/dev/random", 8 },
						{ "/dev/urandom", 9 } };
const size_t inside_n_devices = ARRAY_SIZE(inside_devices);

bool inside_hides(const char *path)
{
	for (size_t i = 0; i < inside_n_hidden; i++) {
		if (strcmp(path, inside_hidden[i]) == 0)
			return true;
	}
	return false;
}

/* ---- limits ---- */

/* The kernel kills a build before other programs, if the memory of the machine is not enough. */
static void inside_offer(void)
{
	AUTO_FD int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	char text[16] = "";

	/* Where /proc is masked, do without. */
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || atoi(text) >= OOM_SCORE)
		return;
	snprintf(text, sizeof(text), "%d", OOM_SCORE);
	if (pwrite(fd, text, strlen(text), 0) < 0)
		return;
}

static int inside_limits(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	rlim_t memory = pages > 0 && page > 0 ? (rlim_t)pages * (rlim_t)page : RLIM_INFINITY;
	const struct {
		__rlimit_resource_t what;
		rlim_t max;
	} limits[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, MAX_FILE },
		{ RLIMIT_NPROC, MAX_PROCESSES },
		{ RLIMIT_AS, memory < ((rlim_t)4 << 30) ? (rlim_t)4 << 30 : memory },
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct rlimit old, l = { limits[i].max, limits[i].max };

		/* Never raise a limit that the caller has set. */
		if (getrlimit(limits[i].what, &old) == 0 && old.rlim_max < l.rlim_max)
			l.rlim_cur = l.rlim_max = old.rlim_max;
		if (setrlimit(limits[i].what, &l) < 0)
			return -errno;
	}
	inside_offer();
	return 0;
}

/* ---- a PID namespace, and the two processes above the program ---- */

static void inside_close_all_but(int keep)
{
	int fd = fcntl(keep, F_DUPFD_CLOEXEC, 3);

	dup2(fd < 0 ? keep : fd, 0);
	fd_close_from(1);
}

/*
 * Outside of the namespace: end as the program did.  When this process dies, so does the
 * namespace's first process, and with it all others.
 */
static void NORETURN inside_watch(pid_t init, int status)
{
	int wstatus = 0;
	ssize_t n;

	inside_close_all_but(status);
	do
		n = read(0, &wstatus, sizeof(wstatus));
	while (n < 0 && errno == EINTR);
	while (waitpid(init, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (n != (ssize_t)sizeof(wstatus))
		wstatus = SIGKILL;
	if (!WIFSIGNALED(wstatus))
		_exit(WEXITSTATUS(wstatus));
	signals_reset();
	kill(getpid(), WTERMSIG(wstatus));
	_exit(128 + WTERMSIG(wstatus));
}

/* Reap what has ended.  Returns false if nothing is left. */
static bool inside_reap(pid_t program, bool *ret_gone, int *ret_status)
{
	for (;;) {
		int wstatus;
		pid_t pid = waitpid(-1, &wstatus, WNOHANG);

		if (pid == program) {
			*ret_gone = true;
			*ret_status = wstatus;
		} else if (pid < 0 && errno != EINTR) {
			return false;
		} else if (pid == 0) {
			return true;
		}
	}
}

/*
 * The first process of the namespace.  The keeper (sys/keeper.h) sends SIGTERM to the group of this
 * process.  The program is not in that group, because it has a session of its own.  So this process
 * passes the signal on.  SIGTERM has been blocked since before the fork, so that it is not lost.
 * When this process ends, the kernel kills all that is left in the namespace.
 */
static void NORETURN inside_init(pid_t program, int status)
{
	struct timespec tick = { 0, 10 * 1000000 };
	uint64_t end = UINT64_MAX;
	bool gone = false;
	int wstatus = SIGKILL;
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	inside_close_all_but(status);
	while (inside_reap(program, &gone, &wstatus) && clock_msec() < end) {
		int number = sigtimedwait(&set, NULL, gone ? &tick : NULL);

		if (number > 0 && number != SIGCHLD && !gone)
			kill(-program, number);
		if (gone && end == UINT64_MAX)
			end = clock_msec() + GRACE_MSEC;
	}
	_exit(write(0, &wstatus, sizeof(wstatus)) == (ssize_t)sizeof(wstatus) ? 0 : 1);
}

/*
 * Fork twice.  The child is the first process of the new namespace.  Only the grandchild returns,
 * and becomes the program.  The program must not be the first process of a namespace, because the
 * kernel discards signals that such a process does not handle.
 */
static int inside_fork(void)
{
	int fds[2], r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0)
		inside_watch(pid, fds[0]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(fds[0]);
	r = mounts_proc();
	if (r < 0)
		return r;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0)
		inside_init(pid, fds[1]);
	close(fds[1]);
	return setsid() < 0 ? -errno : 0;
}

static int inside_unshare(const struct confine *c)
{
	int flags = CLONE_NEWUTS;

	if (!mutation("confine-no-ipcns"))
		flags |= CLONE_NEWIPC;
	if (!c->network && !mutation("confine-no-netns"))
		flags |= CLONE_NEWNET;
	if (!mutation("confine-no-pidns"))
		flags |= CLONE_NEWPID;
	return unshare(flags) < 0 ? -errno : 0;
}

/* ---- an unprivileged user ---- */

static int inside_drop(const struct confine *c)
{
	unsigned long i = 0;

	if (!mutation("confine-no-capabilities")) {
		while (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) == 0)
			i++;
		/* EINVAL: the kernel has no capability of this number. */
		if (errno != EINVAL)
			return -errno;
	}
	if (!mutation("confine-no-uid") &&
	    (setgroups(0, NULL) < 0 || setresgid(c->gid, c->gid, c->gid) < 0 ||
	     setresuid(c->uid, c->uid, c->uid) < 0))
		return -errno;
	/* Set this again, because setresuid(2) has cleared it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!mutation("confine-no-nnp") && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

static int inside_namespaces(const struct confine *c, const struct proc_spec *spec)
{
	int r = mounts_make(c, spec);

	if (r == 0)
		r = inside_unshare(c);
	return r < 0 ? r : inside_fork();
}

void inside_kill(const void *data)
{
	const struct confine *c = data;

	if (c->group)
		cgroup_kill(c->group);
}

int inside_enter(const struct proc_spec *spec, const void *data)
{
	const struct confine *c = data;
	int r = 0;

	if (c->group && !mutation("confine-no-group"))
		cgroup_enter(c->group);
	if (!mutation("confine-no-limits"))
		r = inside_limits();
	if (r == 0)
		r = c->tier == CONFINE_FULL ? inside_namespaces(c, spec)
					    : root_enter(spec->root, false);
	if (r == 0)
		r = inside_drop(c);
	/* Enter the folder only now, so that it fails if the user may not enter the folder. */
	if (r == 0 && chdir(spec->cwd ? spec->cwd : "/") < 0)
		r = -errno;
	if (r == 0 && c->tier >= CONFINE_PARTIAL && c->landlock)
		r = landlock_restrict(c);
	if (r == 0)
		r = filter_install(c->network);
	if (r == 0 && c->probe)
		_exit(0);
	return r;
}
