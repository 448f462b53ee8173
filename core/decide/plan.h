/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * plan - steps, each with its reason, as an ordered graph.
 *
 * plan_goals() and plan_event() make a plan out of a world; both are pure.  `--dry-run` prints it,
 * run/run.h carries it out, tests compare its text:
 *
 *	1 register foo/1.0: shipped by foo-dkms 1.0-1
 *	2 build foo/1.0 6.1.0-56-amd64 x86_64: not installed for this kernel (after 1)
 *	3 install foo/1.0 6.1.0-56-amd64 x86_64: not installed for this kernel (after 2, 1)
 *	4 depmod 6.1.0-56-amd64 x86_64: modules of this kernel changed (after 3)
 *	- waiting bar/2 6.1.0-55-amd64 x86_64: the kernel's headers are not installed
 *
 * A numbered step changes something; a step with '-' is only reported.  The parentheses say which
 * steps it waits for:
 *
 *	after 2			2 must have succeeded; else the step is not done.  Steps of the rule
 *				STEP_FOLLOWS (step.h) only need one of them to have changed
 *				something
 *	after 2 or its failure	2 must have ended
 *	unless 2		done only if 2 was not
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
	bool autoinstall;     /* the run ends with E_AUTOINSTALL if a step fails */
	struct owners owners; /* for STEP_OWNERS: owners after the event */
};
#define AUTO_PLAN CLEANUP(plan_release)

void plan_release(struct plan *p);
/* Does any step act? */
bool plan_acts(const struct plan *p);
void plan_print(const struct plan *p, struct buf *b);
/*
 * Make the plan for a command.  A goal that cannot be reached becomes a STEP_REFUSE; the others are
 * planned all the same.  ret must be zeroed.
 */
void plan_goals(const struct world *w, const struct goals *goals, struct plan *ret);
/*
 * Make the plan for an event ("reconcile"): from what is on the machine and what packages own now,
 * plan all that is missing or outdated on any kernel.  ret must be zeroed.
 *
 * Kernels are those in the root, never `uname -r` alone.  Wanted is every registered module package
 * with AUTOINSTALL on each of them, as want.h says; without headers it waits.  A package's source
 * is registered when the event lists it; another one waits for `dkms add`.  A source is gone if its
 * recorded owner does not ship it any more, or if its removal was asked for; anything else that is
 * missing is broken, and what is installed of it stays.  An old version goes kernel by kernel, when
 * the new one is there.  A kernel that no package owns is built for, and never cleaned.  The same
 * event again plans nothing.
 */
void plan_event(const struct world *w, const struct event *event, struct plan *ret);

/* ---- for the files of the two planners ---- */

/* Plan the goal autoinstall. */
void plan_autoinstall(const struct world *w, const struct goal *g, struct plan *p);
/* Did a maintainer script ask for this, and has no event carried it out yet? */
bool plan_is_requested(const struct world *w, enum request_kind kind, const struct modid *id);
/* Does a package ship the module package's source?  owners: after the event. */
bool plan_is_shipped(const struct owners *owners, const struct world_module *m);
/*
 * Plan to drop requests that are carried out or have become pointless.  Only for events that list
 * all sources, after the steps that carry requests out are planned.
 */
void plan_settle_requests(const struct world *w, const struct owners *owners, struct plan *p);
/*
 * Plan to drop the hold h if what it is about is gone.  sources: the event lists all sources, so
 * that a missing one is known to be gone.  Call it after all other steps are planned.
 */
void plan_end_hold(const struct world *w, struct plan *p, const struct hold *h, bool kernel_gone,
		   bool sources);
/*
 * Append a step and return its index; reason is formatted.  If the plan already has a step of the
 * same kind about the same module package and kernel, its index is returned and nothing is added.
 */
size_t plan_add(struct plan *p, enum step_kind kind, const struct modid *id, const char *release,
		const char *arch, const char *fmt, ...) PRINTF(6, 7);
/* Index of the first such step, or PLAN_NONE.  id, release, arch: NULL matches any. */
size_t plan_find(const struct plan *p, enum step_kind kind, const struct modid *id,
		 const char *release, const char *arch);
#define PLAN_NONE SIZE_MAX
/* step is done only if before has succeeded.  Ignores PLAN_NONE and a step after itself. */
void plan_after(struct plan *p, size_t step, size_t before);
/* step waits until before has ended, even if it failed. */
void plan_behind(struct plan *p, size_t step, size_t before);
/* Does step wait for before, directly or through other steps? */
bool plan_waits_for(const struct plan *p, size_t step, size_t before);
/*
 * Complete a plan: add one depmod and one initramfs for each kernel that changes or that an earlier
 * run left undone, and sort the steps so that each stands behind those that it waits for.
 * initramfs_follows: kernels whose initramfs somebody else makes afterwards; may be NULL.
 */
void plan_finish(struct plan *p, const struct world *w, const struct strv *initramfs_follows);
