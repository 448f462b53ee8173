/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * plugin-abi - the table of hooks that librpm looks up in a plugin.
 *
 * rpm 4.20 and later install rpm/rpmplugin.h.  rpm 4.14 to 4.19 have the same table, but no
 * installed header declares it, so this file does.  The order of members has been the same since
 * 4.12.  Only the arguments of the last member have changed (in 4.18); we leave fsm_file NULL.  All
 * these versions export the two functions below.
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
