/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * keeper - the process between proc_run() and a child.  Private to proc.
 *
 * The keeper is the subreaper (prctl(2), PR_SET_CHILD_SUBREAPER) of all processes below the child:
 * an orphaned process becomes a child of the keeper, whatever its process group or session.  When
 * the keeper has ended, none of these processes is alive:
 *
 *   - When the child ends, what it left running has GRACE_MSEC for its last output, then gets
 *     SIGKILL.
 *   - When proc_run() sends SIGTERM, the child's group gets SIGTERM, and after KILL_MSEC all get
 *     SIGKILL.
 *   - When the process that called proc_run() dies, even by SIGKILL, all get SIGKILL at once
 *     (PR_SET_PDEATHSIG tells the keeper).
 *
 * Exception: if a child with spec.may_leave ends by itself, only its process group is killed.  So a
 * script of an install can restart a service.
 *
 * Without /proc only the child's process group is found.  A process that SIGKILL does not end
 * (uninterruptible sleep) is left after GIVE_UP_MSEC.  The keeper ends with the child's exit
 * status, or by the signal that ended the child.
 */
#include "sys/child.h"

/* Call it in the forked process, with signals blocked.  `parent` is the process that forked. */
void NORETURN keeper_run(const struct proc_spec *spec, struct child_ends e, pid_t parent);
