/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/script.h"

#include "packages/dpkgtrigger.h"
#include "packages/rpmscript.h"

bool script_runs_us(void)
{
	return dpkgtrigger_is_script() || rpmscript_is_script();
}

bool script_can_wait(const struct engine *e)
{
	return dpkgtrigger_can_wait(e) || rpmscript_can_wait(e);
}

bool script_wait(const struct engine *e, bool await)
{
	/* rpm's plugin looks for requests by itself. */
	return !dpkgtrigger_can_wait(e) || dpkgtrigger_activate(e, await);
}
