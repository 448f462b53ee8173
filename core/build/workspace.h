/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * workspace - the build folder of one target.
 *
 * Each target builds in a folder of its own, .native/build/M/V/K-A, while
 * children see it at the documented place <dkms_tree>/M/V/build: a bind
 * mount in a mount namespace of this process.  Where that cannot be had
 * (sys/mountns.h) the build happens in <dkms_tree>/M/V/build itself, and
 * builds of one module package take turns by .native/lock/build-M-V.
 *
 * To be used in a worker (sys/proc.h): the namespace stays until it ends.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "sys/lock.h"

struct workspace {
	struct engine *engine;
	struct target target;
	char *dir;	  /* where this process works: the own folder, or build */
	char *build;	  /* <dkms_tree>/M/V/build, as children see it */
	bool bound;	  /* dir is shown at build */
	struct lock turn; /* held when not bound */
	struct lock used; /* says that build/ is in use by us */
};
#define AUTO_WORKSPACE CLEANUP(workspace_close)

/* The folders of builds that are dead; a living one is not disturbed, and no lock is taken. */
void workspace_stale(struct engine *e, struct strv *ret);
/* Remove them. */
void workspace_recover(struct engine *e);
/*
 * An empty build folder.  e->root is reopened when a namespace is entered.
 * Waits for its turn where it must, and says for whom.  -E_BUSY_ANCESTOR.
 */
int workspace_open(struct workspace *ws, struct engine *e, const struct target *t,
		   struct err *err) MUST_CHECK;
/* After a failure: what is in the folder goes to <dkms_tree>/M/V/build, where people and scripts
 * look. */
int workspace_keep(struct workspace *ws) MUST_CHECK;
/* The folder goes, and <dkms_tree>/M/V/build too unless kept or in use by another build. */
void workspace_close(struct workspace *ws);
