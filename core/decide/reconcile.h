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
	struct owners owners; /* after the event */
	bool packaged_only;   /* leave kernels alone that no package owns */
};

/*
 * The recorded owner no longer ships it, or the event says that it was removed.  It may still be on
 * the disk; the caller checks that.  key NULL: false.
 */
bool reconcile_is_disowned(const struct reconcile *rc, enum owned_kind kind, const char *key);
/*
 * Plan to record the owners, after all other steps are planned.  They are recorded last: if the run
 * dies before, the next one finds the old owners and sees the removal again.
 */
void reconcile_remember_owners(struct reconcile *rc);
