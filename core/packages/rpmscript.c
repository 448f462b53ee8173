/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packages/rpmscript.h"

#include <stdlib.h>
#include <unistd.h>

#include "engine/treepath.h"
#include "sys/process.h"

#define LOCK_NAME   ".rpm.lock"
#define SCRIPT_NAME "rpm-tmp." /* and six letters */

static bool rpmscript_has_lock(pid_t pid, const void *data)
{
	(void)data;
	return process_has_lock(pid, LOCK_NAME);
}

static bool rpmscript_runs_script(pid_t pid, const void *data)
{
	(void)data;
	return process_has_argument(pid, SCRIPT_NAME);
}

static bool rpmscript_is_pid(pid_t pid, const void *data)
{
	return pid == *(const pid_t *)data;
}

/* The process that our plugin names, if it is one of our ancestors; 0: none. */
static pid_t rpmscript_find_plugin(void)
{
	const char *value = getenv(RPMSCRIPT_VARIABLE);
	pid_t pid = value ? (pid_t)strtol(value, NULL, 10) : 0;
	struct process self;

	if (pid <= 0)
		return 0;
	if (!process_look_up(getpid(), &self)) /* without /proc we believe the variable */
		return pid;
	return process_find_above(rpmscript_is_pid, &pid);
}

pid_t rpmscript_find_rpm(void)
{
	pid_t pid = rpmscript_find_plugin();

	return pid ? pid : process_find_above(rpmscript_has_lock, NULL);
}

bool rpmscript_is_script(void)
{
	const char *value = getenv(RPMSCRIPT_VARIABLE);

	return (value && *value) || process_find_above(rpmscript_has_lock, NULL) > 0 ||
	       process_find_above(rpmscript_runs_script, NULL) > 0;
}

bool rpmscript_can_wait(const struct engine *e)
{
	return !root_is_foreign(&e->root) && rpmscript_find_plugin() > 0 &&
	       root_same_place(&e->root, e->dkms_tree, TREE_USUAL);
}
