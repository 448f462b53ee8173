/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * signals - SIGINT, SIGTERM and SIGHUP, and the children to which they are passed on.
 *
 * signals_catch() installs a handler that sets a flag.  The engine checks the flag only between two
 * actions, so a signal never interrupts a commit.  The handler also sends SIGTERM to every process
 * group in the table of children, so workers end even while their parent sleeps in waitid(2).
 * signals_catch() also makes this process ignore SIGPIPE.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

void signals_catch(void);
/* The number of the last signal that came; 0: none. */
int signals_interrupted(void);
/* Milliseconds since the first signal came; 0: none came. */
uint64_t signals_interrupted_msec(void);

/* ---- the table, for proc ---- */

/*
 * Block the three signals until signals_unblock(ret_old).  Also set SIGCHLD to its default action:
 * if SIGCHLD were ignored, children could not be waited for.
 */
void signals_block(sigset_t *ret_old);
void signals_unblock(const sigset_t *old);
/*
 * Add a child's process group to the table, or remove it from there.  Block the signals before
 * fork(2): a signal that comes between fork(2) and signals_add_group() would not reach the child.
 */
void signals_add_group(pid_t pgid);
void signals_remove_group(pid_t pgid);
/* In a forked worker: drop the parent's children from the table. */
void signals_forget_groups(void);
/* In a child: default actions for all signals, and an empty mask. */
void signals_reset(void);
