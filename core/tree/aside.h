/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * aside - interrupted runs whose journals could not be completed (tx/tx.h), and what they stop.
 *
 * What such a run left half done is not built upon: whoever is to change a target that it names
 * asks here first, with the target's lock.  Everything else goes on.
 */
#include "engine/engine.h"

/*
 * release NULL: any kernel.  -E_CORRUPT, with words that say what to type, when a journal that was
 * set aside names this.
 */
int aside_check(const struct engine *e, const char *name, const char *release,
		struct err *err) MUST_CHECK;
/*
 * A link in the place of one of our folders in the tree is removed, with a warning: what lies where
 * it leads is none of ours.  Before anything is locked or written.
 */
void aside_links(const struct engine *e);
/* The journal that was set aside as run is about these: "install foo/1.0 6.1.0 x86_64" ... */
void aside_names(const struct engine *e, const char *run, struct strv *ret);
/* And changes modules of these kernels. */
void aside_kernels(const struct engine *e, const char *run, struct strv *ret);
