/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * json - machine-readable output, the only file that touches json-c.
 *
 * A document is valid whatever names are in it: text.h has the rule.
 * Every document has "schema": 1; a member may be added within a schema, none
 * changes its meaning or goes.  The schema itself stands in dkms(8).
 */
#include "base/buf.h"
#include "base/strv.h"
#include "decide/plan.h"
#include "engine/engine.h"
#include "fsck/fsck.h"
#include "model/world.h"

/* Patterns as of fnmatch(3); NULL or empty: everything. */
struct json_filter {
	const char *name, *version;
	const struct strv *kernels, *archs;
};

/*
 * w and p: a survey and the plan of an empty event; what the plan tells
 * (waiting, failed, excluded, held, deferred, broken, keep) and what it would
 * do (build, install: "pending") becomes the state of a pair that is not installed.
 */
void json_status(const struct engine *e, const struct world *w, const struct plan *p,
		 const struct json_filter *filter, struct buf *ret);
void json_plan(const struct plan *p, struct buf *ret);
void json_fsck(const struct fsck *f, struct buf *ret);
