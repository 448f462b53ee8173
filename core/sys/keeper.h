/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * keeper - the process between us and a child, private to proc.
 *
 * It is the subreaper of all that the child starts (prctl(2), PR_SET_CHILD_SUBREAPER), so what
 * has left the child's process group or its session still falls to it.  When it ends, nothing
 * below it lives:
 *
 *   - the child ends: what it left running has GRACE_MSEC for its last output, then SIGKILL;
 *   - we send SIGTERM: the child's group gets it, and after KILL_MSEC all get SIGKILL;
 *   - we are gone, also by SIGKILL (PR_SET_PDEATHSIG): all get SIGKILL at once.
 *
 * A child with spec.may_leave that ends by itself may leave processes behind that left its group: a
 * script of an install that restarts a service.
 *
 * Without /proc only the child's process group is found.  The keeper ends as the child did, by the
 * same exit status or signal.
 */
#include "sys/child.h"

/* In the forked process, with the signals blocked; parent: who forked. */
void NORETURN keeper_run(const struct proc_spec *spec, struct child_ends e, pid_t parent);
