/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * statusjson - the JSON documents of status, holds, why, fsck, config and --dry-run.  The document
 * of log is in run/historyjson.h.
 *
 * A document is valid JSON, whatever bytes its names have (text_add_json()).  Every document has
 * "schema": 1.  As long as that number stays, members may be added, but none is removed or changes
 * its meaning.  dkms(8) describes the members.
 */
#include "base/buf.h"
#include "base/strv.h"
#include "decide/plan.h"
#include "decide/why.h"
#include "engine/engine.h"
#include "fsck/fsck.h"
#include "survey/stand.h"
#include "verify/verify.h"

/* Patterns for options_match().  An empty list matches everything. */
struct json_filter {
	const char *name, *version;
	const struct strv *kernels, *archs;
	bool problems; /* only what needs a person (struct standing) */
};

/*
 * Append the document of status.  It has the state of each module package on each kernel, and also
 * its standing, which is what people are told (decide/standing.h).
 *
 * If a module package is not installed for a kernel, its state comes from the plan of an empty
 * event (survey/stand.h).  A step that only reports gives the name of its kind (waiting, failed,
 * held ...), a refusal gives "bad", and a step that builds or installs gives "pending".  If the
 * plan has no step about it, the state is "built" if there is a build.  Otherwise it comes from the
 * standing: failed, waiting, held, excluded, bad or pending.
 *
 * `known` is what dkms verify has found, also for why (verify_known()).
 */
void json_status(const struct engine *e, const struct stand *s, const struct verify *known,
		 const struct json_filter *filter, struct buf *ret);
/* The document of holds. */
void json_holds_list(const struct holds *l, struct buf *ret);
/* The document of why: one entry for each module package and kernel. */
void json_why(const struct why **list, size_t n, const struct verify *known, struct buf *ret);
void json_plan(const struct plan *p, struct buf *ret);
void json_fsck(const struct fsck *f, struct buf *ret);
/* The document of config: the setting `id`, or all settings if `id` is SETTING_COUNT_. */
void json_config(const struct settings *s, enum setting id, struct buf *ret);
