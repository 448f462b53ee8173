/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/tool.h"

#include "engine/childenv.h"
#include "sys/proc.h"

void tool_prepare(const struct engine *e, enum setting timeout, struct buf *tail,
		  struct proc_spec *spec)
{
	childenv_tool(&spec->env);
	spec->root = &e->root;
	spec->on_output = proc_tail;
	spec->data = tail;
	spec->timeout = settings_number(&e->settings, timeout);
}
