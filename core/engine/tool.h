/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * tool - a program whose output is shown only if it fails: depmod, sign-file, dracut.
 */
#include "base/buf.h"
#include "engine/engine.h"
#include "sys/procspec.h"

/*
 * Give spec, which has its arguments, the rest: the environment of childenv_tool(), our root, the
 * setting that is its time limit, and tail, which gets the end of its output (proc_tail()).  spec
 * borrows e's root and tail.
 */
void tool_prepare(const struct engine *e, enum setting timeout, struct buf *tail,
		  struct proc_spec *spec);
