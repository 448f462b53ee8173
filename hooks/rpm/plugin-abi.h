/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * plugin-abi - the table that librpm looks for in a plugin.
 *
 * rpm 4.20 made rpm/rpmplugin.h public; from 4.14 to 4.19 the same table exists and no
 * header that is installed has it.  Its order has been the same since 4.12.  Only the last member's
 * arguments changed (4.18), and we leave the last three empty.  The four functions are exported by
 * every one of these versions.
 */
#include <rpm/rpmte.h>
#include <rpm/rpmts.h>
#include <rpm/rpmtypes.h>

#ifdef HAVE_RPM_RPMPLUGIN_H
#include <rpm/rpmplugin.h>
#else
struct rpmPluginHooks_s {
	rpmRC (*init)(rpmPlugin plugin, rpmts ts);
	void (*cleanup)(rpmPlugin plugin);
	rpmRC (*tsm_pre)(rpmPlugin plugin, rpmts ts);
	rpmRC (*tsm_post)(rpmPlugin plugin, rpmts ts, int res);
	rpmRC (*psm_pre)(rpmPlugin plugin, rpmte te);
	rpmRC (*psm_post)(rpmPlugin plugin, rpmte te, int res);
	rpmRC (*scriptlet_pre)(rpmPlugin plugin, const char *name, int type);
	rpmRC (*scriptlet_fork_post)(rpmPlugin plugin, const char *path, int type);
	rpmRC (*scriptlet_post)(rpmPlugin plugin, const char *name, int type, int res);
	void (*fsm_file[3])(void);
};

void rpmPluginSetData(rpmPlugin plugin, void *data);
void *rpmPluginGetData(rpmPlugin plugin);
#endif
