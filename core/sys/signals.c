/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/signals.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "base/util.h"

enum { GROUPS_MAX = 512 };

/* Process groups of children.  Written with the signals blocked, read by the handler. */
static volatile pid_t groups[GROUPS_MAX];
static volatile sig_atomic_t caught;
static struct timespec caught_at; /* of the first signal; written before `caught` */

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

static void signals_handler(int number)
{
	int saved = errno;

	if (!caught)
		clock_gettime(CLOCK_MONOTONIC, &caught_at);
	caught = number;
	for (size_t i = 0; i < GROUPS_MAX; i++) {
		pid_t pgid = groups[i];

		if (pgid > 0)
			kill(-pgid, SIGTERM);
	}
	errno = saved;
}

void signals_catch(void)
{
	/* No SA_RESTART: a signal must interrupt system calls that wait. */
	struct sigaction action = { .sa_handler = signals_handler };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(stop_signals); i++)
		sigaddset(&action.sa_mask, stop_signals[i]);
	sigemptyset(&ignore.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(stop_signals); i++)
		sigaction(stop_signals[i], &action, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

int signals_interrupted(void)
{
	return caught;
}

uint64_t signals_interrupted_msec(void)
{
	struct timespec now;

	if (!caught)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.tv_sec - caught_at.tv_sec) * 1000 +
			  (now.tv_nsec - caught_at.tv_nsec) / 1000000);
}

void signals_block(sigset_t *ret_old)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t set;

	/*
	 * Set SIGCHLD to its default.  If our parent ignored it, so do we, and waitid(2) would get
	 * no status.
	 */
	sigemptyset(&action.sa_mask);
	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(stop_signals); i++)
		sigaddset(&set, stop_signals[i]);
	sigprocmask(SIG_BLOCK, &set, ret_old);
}

void signals_unblock(const sigset_t *old)
{
	sigprocmask(SIG_SETMASK, old, NULL);
}

/*
 * Write `to` into the slot that holds `from`.  A free slot holds 0.  If all slots are taken, a new
 * group is not added.
 */
static void signals_replace_group(pid_t from, pid_t to)
{
	for (size_t i = 0; i < GROUPS_MAX; i++) {
		if (groups[i] == from) {
			groups[i] = to;
			return;
		}
	}
}

void signals_add_group(pid_t pgid)
{
	signals_replace_group(0, pgid);
}

void signals_remove_group(pid_t pgid)
{
	signals_replace_group(pgid, 0);
}

void signals_forget_groups(void)
{
	for (size_t i = 0; i < GROUPS_MAX; i++)
		groups[i] = 0;
}

void signals_reset(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	sigemptyset(&none);
	for (int i = 1; i < NSIG; i++)
		sigaction(i, &action, NULL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
