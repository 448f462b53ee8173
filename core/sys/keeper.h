/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * keeper - the process between us and a child.  Private to proc.
 *
 * The keeper is the subreaper (prctl(2), PR_SET_CHILD_SUBREAPER) of all processes that the child
 * starts: they become its children when they are orphaned, whatever their process group or session.
 * When the keeper has ended, none of them is alive:
 *
 *   - The child ends: what it left running has GRACE_MSEC for its last output, then gets SIGKILL.
 *   - We send SIGTERM: the child's group gets SIGTERM, and all get SIGKILL after KILL_MSEC.
 *   - We die, even by SIGKILL (PR_SET_PDEATHSIG tells the keeper): all get SIGKILL at once.
 *
 * Exception: a child with spec.may_leave that ends by itself.  Only its process group is killed, so
 * a script of an install can restart a service.
 *
 * Without /proc only the child's process group is found.  The keeper ends with the child's exit
 * status, or by the signal that ended the child.
 */
#include "sys/child.h"

/* Runs in the forked process, with signals blocked.  parent: the process that forked. */
void NORETURN keeper_run(const struct proc_spec *spec, struct child_ends e, pid_t parent);
