/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * workspace - the build folder of one target.
 *
 * Each target is built in a folder of its own, .native/build/M/V/K-A.  A bind mount in a mount
 * namespace of this process shows that folder to children at the documented place,
 * <dkms_tree>/M/V/build.
 * Where there are no mount namespaces (sys/mountns.h), the build runs in <dkms_tree>/M/V/build
 * itself, and the lock .native/lock/build-M-V lets one build of a module package run at a time.
 *
 * Open a workspace in a worker (sys/proc.h): the process stays in the namespace until it exits.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "sys/lock.h"

struct workspace {
	struct engine *engine;
	struct target target;
	char *dir;	  /* the build folder: .native/build/M/V/K-A, or the same as `build` */
	char *build;	  /* where children see the build folder: <dkms_tree>/M/V/build */
	bool bound;	  /* `dir` is mounted at `build` */
	struct lock turn; /* the build lock of M/V; held during the build if not `bound` */
	struct lock used; /* the target's workspace lock; held while this build uses `build` */
};

/* Append the folders that dead builds left.  Takes no lock. */
void workspace_stale(struct engine *e, struct strv *ret);
/* Remove the folders that dead builds left, with a warning for each that cannot be removed. */
void workspace_recover(struct engine *e);
/*
 * Make an empty build folder.  If this process enters a namespace, e->root is opened again there.
 * If another build of the module package holds the build lock, say so and wait for that build.
 * -E_BUSY_ANCESTOR: the other build belongs to the run that started this one.  The caller calls
 * workspace_close() in every case.
 */
int workspace_open(struct workspace *ws, struct engine *e, const struct target *t,
		   struct err *err) MUST_CHECK;
/* After a failure: move the folder's content to <dkms_tree>/M/V/build, where users look for it. */
int workspace_keep(struct workspace *ws) MUST_CHECK;
/*
 * Remove the build folder.  Remove <dkms_tree>/M/V/build as well if no other build uses it.  After
 * workspace_keep() has succeeded, remove nothing.
 */
void workspace_close(struct workspace *ws);
