/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * reconcile - the planning of one event: what plan_event.c and plan_owners.c share.
 */
#include "decide/want.h"

struct reconcile {
	const struct world *w;
	const struct event *e;
	struct plan *p;
	struct want want;
	struct owners owners; /* who owns what after the event */
	bool packaged_only;   /* leave alone kernels that no package owns */
};

/*
 * Does the recorded owner no longer ship this item, or does the event say that it was removed?  The
 * item may be on the disk all the same; the caller checks that.  `key` is the kernel release, or
 * the folder of the source.  Returns false if `key` is NULL.
 */
bool reconcile_is_disowned(const struct reconcile *rc, enum owned_kind kind, const char *key);
/*
 * Plan to record the owners.  Call it after all other steps are planned, because owners are
 * recorded last.  If the run dies before that, the next run finds the old owners, so it sees again
 * what was removed.
 */
void reconcile_remember_owners(struct reconcile *rc);
