/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/signals.h"

enum {
	GRACE_MSEC = 200,
	KILL_MSEC = 1000,
	SWEEP_MSEC = 10,      /* between two rounds of SIGKILL */
	GIVE_UP_MSEC = 10000, /* then leave what SIGKILL does not end (uninterruptible sleep) */
};

struct keeper {
	pid_t parent, child;
	bool gone;	  /* the child has ended */
	bool childless;	  /* the child has ended, and so has everything below it */
	int wstatus;	  /* of the child */
	uint64_t kill_at; /* clock_msec() for SIGKILL; 0: nobody has told us to end the child */
};

static void keeper_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGHUP);
	sigaddset(ret, SIGCHLD);
}

static void keeper_reap(struct keeper *k)
{
	for (;;) {
		int wstatus;
		pid_t pid = waitpid(-1, &wstatus, WNOHANG);

		if (pid == k->child) {
			k->gone = true;
			k->wstatus = wstatus;
		} else if (pid < 0 && errno != EINTR) {
			k->childless = true;
			return;
		} else if (pid == 0) {
			return;
		}
	}
}

/*
 * Sleep until a signal comes or clock_msec() reaches `until`.  Then reap all children that have
 * ended.  Returns the signal, or -1.
 */
static int keeper_wait(struct keeper *k, uint64_t until)
{
	uint64_t now = clock_msec(), left = until > now ? until - now : 0;
	struct timespec t = { (time_t)(left / 1000), (long)(left % 1000) * 1000000 };
	sigset_t set;
	int number;

	keeper_signals(&set);
	number = sigtimedwait(&set, NULL, until == UINT64_MAX ? NULL : &t);
	keeper_reap(k);
	return number;
}

static bool keeper_orphaned(const struct keeper *k)
{
	return getppid() != k->parent;
}

static bool keeper_has_child(idtype_t type, pid_t id)
{
	siginfo_t info;

	return waitid(type, (id_t)id, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/*
 * Send the signal to the child's group, but only if a child of ours, even a zombie, is in the
 * group.  Without such a child, another group could have got the same number.
 */
static void keeper_kill_group(const struct keeper *k, int number)
{
	if (keeper_has_child(P_PGID, k->child))
		kill(-k->child, number);
}

/*
 * Find our children in /proc and kill them.  Then their children become our children, and the next
 * round finds those.
 */
static void keeper_kill_children(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		pid_t pid = (pid_t)atoi(d->d_name);

		/* /proc may belong to another PID namespace, so check that pid is our child. */
		if (pid > 1 && keeper_has_child(P_PID, pid))
			kill(pid, SIGKILL);
	}
	if (dir)
		closedir(dir);
}

static void keeper_sweep(struct keeper *k, const struct proc_spec *spec)
{
	uint64_t end = clock_msec() + GIVE_UP_MSEC;

	while (!k->childless && clock_msec() < end) {
		if (spec->kill)
			spec->kill(spec->enter_data);
		keeper_kill_group(k, SIGKILL);
		keeper_kill_children();
		keeper_wait(k, clock_msec() + SWEEP_MSEC);
	}
}

/*
 * Wait for the child's end.  If a signal comes, send SIGTERM to the child's group and wait for at
 * most KILL_MSEC.  Returns false if this time has passed or our parent has died: then the child and
 * all below it must be killed.
 */
static bool keeper_attend(struct keeper *k)
{
	while (!k->gone) {
		int number = keeper_wait(k, k->kill_at ? k->kill_at : UINT64_MAX);

		if (keeper_orphaned(k) || (k->kill_at && clock_msec() >= k->kill_at))
			return false;
		if (number > 0 && number != SIGCHLD && !k->kill_at && !k->gone) {
			k->kill_at = clock_msec() + KILL_MSEC;
			keeper_kill_group(k, SIGTERM);
		}
	}
	return true;
}

/*
 * Wait until the processes that the child left running have ended, but at most GRACE_MSEC: they may
 * still have something to print.
 */
static void keeper_grace(struct keeper *k)
{
	uint64_t end = clock_msec() + GRACE_MSEC;

	while (!k->childless && !keeper_orphaned(k) && clock_msec() < end)
		keeper_wait(k, end);
}

/* End as the child did. */
static void NORETURN keeper_end(const struct keeper *k)
{
	struct rlimit no_core = { 0, 0 };

	if (!WIFSIGNALED(k->wstatus))
		_exit(WEXITSTATUS(k->wstatus));
	setrlimit(RLIMIT_CORE, &no_core);
	signals_reset();
	kill(getpid(), WTERMSIG(k->wstatus));
	_exit(128 + WTERMSIG(k->wstatus));
}

static void keeper_close_ends(struct child_ends e)
{
	int fds[] = { e.in, e.out, e.err, e.keep[0], e.keep[1], e.status };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

static void keeper_begin(struct keeper *k)
{
	sigset_t set;

	setpgid(0, 0);
	keeper_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (keeper_orphaned(k))
		_exit(EXIT_FAILURE);
}

void keeper_run(const struct proc_spec *spec, struct child_ends e, pid_t parent)
{
	struct keeper k = { .parent = parent, .wstatus = SIGKILL };
	pid_t self = getpid();
	bool by_itself;
	int r;

	keeper_begin(&k);
	k.child = fork();
	if (k.child == 0)
		child_run(spec, e, self);
	if (k.child < 0) {
		r = -errno;
		_exit(write(e.status, &r, sizeof(r)) == (ssize_t)sizeof(r) ? EXIT_FAILURE : 126);
	}
	setpgid(k.child, k.child);
	keeper_close_ends(e);
	by_itself = keeper_attend(&k);
	if (by_itself)
		keeper_grace(&k);
	if (by_itself && spec->may_leave && !k.kill_at && !keeper_orphaned(&k))
		keeper_kill_group(&k, SIGKILL);
	else
		keeper_sweep(&k, spec);
	keeper_end(&k);
}
