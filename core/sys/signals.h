/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * signals - the children of the moment, private to proc.
 *
 * The handler of proc_catch_signals() passes SIGTERM on to every group in
 * the table, so that a parent that sleeps in waitid(2) ends its workers too.
 */
#include <signal.h>
#include <sys/types.h>

/* Hold INT, TERM and HUP back (and have children waited for); signals_unblock() with the same set
 * ends it. */
void signals_block(sigset_t *ret_old);
void signals_unblock(const sigset_t *old);
/* Between the two, so that no signal falls between fork(2) and here. */
void signals_add_group(pid_t pgid);
void signals_remove_group(pid_t pgid);
/* In a forked worker: the parent's other children are not its own. */
void signals_forget_groups(void);
