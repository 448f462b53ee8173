/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * private.so - a plugin for librpm that gives each scriptlet a /tmp of its own, as rpm's plugin
 * "unshare" does from 4.20 on.  For tests with an older rpm.
 */
#define _GNU_SOURCE
#include "hooks/rpm/plugin-abi.h"

#include <sched.h>
#include <sys/mount.h>

static rpmRC private_scriptlet_fork_post(rpmPlugin plugin, const char *path, int type)
{
	(void)plugin;
	(void)path;
	(void)type;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/tmp", "tmpfs", 0, NULL) < 0)
		return RPMRC_FAIL;
	return RPMRC_OK;
}

extern struct rpmPluginHooks_s private_hooks;
struct rpmPluginHooks_s private_hooks = { .scriptlet_fork_post = private_scriptlet_fork_post };
