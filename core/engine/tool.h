/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tool - a program whose output is shown only if it fails: depmod, sign-file, dracut.
 */
#include "base/buf.h"
#include "engine/engine.h"
#include "sys/procspec.h"

/*
 * Complete `spec`, in which the caller has set the arguments.  Set the environment of
 * childenv_tool(), our root, and the value of the setting `timeout` as time limit.  The end of the
 * output goes to the struct buf `tail` (proc_tail()).  e and `tail` must outlive `spec`.
 */
void tool_prepare(const struct engine *e, enum setting timeout, struct buf *tail,
		  struct proc_spec *spec);
