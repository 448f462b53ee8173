/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * signals - INT, TERM and HUP, and the children that get them passed on.
 *
 * signals_catch() makes them set a flag, which steps look at between two actions: nothing is
 * interrupted in the middle of a commit.  The handler passes SIGTERM on to every process group in
 * the table of children, so that a parent that sleeps in waitid(2) ends its workers too.  SIGPIPE
 * is ignored.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

void signals_catch(void);
/* The number of the first signal that came, 0: none. */
int signals_interrupted(void);
/* Milliseconds since it came; 0: none came. */
uint64_t signals_interrupted_msec(void);

/* ---- the table, for proc ---- */

/* Hold the three back and reset SIGCHLD, so that children can be waited for, until
 * signals_unblock() gets the same set. */
void signals_block(sigset_t *ret_old);
void signals_unblock(const sigset_t *old);
/* Between the two, so that no signal falls between fork(2) and here. */
void signals_add_group(pid_t pgid);
void signals_remove_group(pid_t pgid);
/* In a forked worker: the parent's other children are not its own. */
void signals_forget_groups(void);
/* In a child: default actions for all signals, and an empty mask. */
void signals_reset(void);
