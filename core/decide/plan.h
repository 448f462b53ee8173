/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * plan - steps, each with its reason, as an ordered graph.
 *
 * plan_goals() and plan_event() decide; they are pure.  `--dry-run` prints
 * the plan, run/run.h carries it out, tests compare its text:
 *
 *	1 register foo/1.0: shipped by foo-dkms 1.0-1
 *	2 build foo/1.0 6.1.0-56-amd64 x86_64: not built for this kernel (after 1)
 *	3 install foo/1.0 6.1.0-56-amd64 x86_64: wanted on every kernel (after 2)
 *	4 depmod 6.1.0-56-amd64 x86_64: modules changed (after 3)
 *	- waiting bar/2 6.1.0-55-amd64 x86_64: the kernel's headers are not installed
 *
 * Numbered lines act, lines with '-' tell.  "after" are the steps that must
 * have *succeeded*, except for depmod and initramfs, which follow whatever was
 * changed on their kernel.  A step whose predecessor failed is not done.  "after 4 or its failure":
 * that must only have ended.  "unless 4": done only if that step was not.
 */
#include "base/buf.h"
#include "base/error.h"
#include "decide/step.h"
#include "model/event.h"
#include "model/goal.h"
#include "model/world.h"

struct plan {
	struct step *steps;
	size_t n;
	bool autoinstall;     /* a failure ends with E_AUTOINSTALL and a summary */
	struct ledger owners; /* for STEP_OWNERS: only .owned is used */
};
#define AUTO_PLAN CLEANUP(plan_release)

void plan_release(struct plan *p);
/* Is there anything to be done? */
bool plan_acts(const struct plan *p);
void plan_print(const struct plan *p, struct buf *b);
/* What the goals need; a refused goal becomes a STEP_REFUSE and does not stop the others. */
void plan_goals(const struct world *w, const struct goals *goals, struct plan *ret);
/* Bring the machine in line with DESIGN 6.2 (reconcile). */
void plan_event(const struct world *w, const struct event *event, struct plan *ret);

/* For the planner's own files.  A part of plan_goals(): the goal autoinstall. */
void plan_autoinstall(const struct world *w, const struct goal *g, struct plan *p);
/* Parts of plan_event(); owners: after the event.  Does a package ship the module's source? */
bool plan_is_shipped(const struct ledger *owners, const struct world_module *m);
/* Requests that are done with; the event lists all sources. */
void plan_settle_requests(const struct world *w, const struct ledger *owners, struct plan *p);
/* A part of plan_event(); sources: the event lists all of them. */
void plan_end_hold(const struct world *w, struct plan *p, const struct hold *h, bool kernel_gone,
		   bool sources);
/*
 * Append a step and return its index; reason is formatted.  A step that the plan has already (same
 * kind, subject) is not added again: its index is returned.
 */
size_t plan_add(struct plan *p, enum step_kind kind, const struct modid *id, const char *release,
		const char *arch, const char *fmt, ...) PRINTF(6, 7);
/* SIZE_MAX when there is none. id, release, arch NULL: any. */
size_t plan_find(const struct plan *p, enum step_kind kind, const struct modid *id,
		 const char *release, const char *arch);
#define PLAN_NONE SIZE_MAX
/* step waits for before, and needs it; PLAN_NONE is ignored. */
void plan_after(struct plan *p, size_t step, size_t before);
/* step waits for before, and is done even if that fails. */
void plan_behind(struct plan *p, size_t step, size_t before);
/* Does step wait for before, or for something that does? */
bool plan_waits_for(const struct plan *p, size_t step, size_t before);
/*
 * The end of each plan: one depmod and one initramfs for each kernel that changes, and steps in an
 * order in which each follows those that it waits for.  initramfs_follows: kernels whose initramfs
 * somebody else makes afterwards; may be NULL.
 */
void plan_finish(struct plan *p, const struct world *w, const struct strv *initramfs_follows);
