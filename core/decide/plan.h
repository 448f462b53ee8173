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
 * A numbered step changes something; a step with '-' is only reported.  The parentheses say when
 * the step is done:
 *
 *	after 2			after step 2, if step 2 succeeded.  A step of the rule STEP_FOLLOWS
 *				(step.h), e.g. depmod, is done if any of the steps in its list
 *				changed something
 *	after 2 or its failure	after step 2, even if step 2 failed
 *	unless 2		only if step 2 failed or was not done
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
	bool autoinstall;     /* if a step fails, the run ends with E_AUTOINSTALL or E_NO_HEADERS */
	bool middle;	      /* a package manager is at work (struct failure.middle) */
	bool ahead;	      /* for a kernel that is to come: builds, and installs nothing */
	struct owners owners; /* for STEP_OWNERS: owners after the event */
	struct gates gates;   /* for STEP_GATE and STEP_UNGATE: the gates after the run */
};
#define AUTO_PLAN CLEANUP(plan_release)

void plan_release(struct plan *p);
/* Does any step change something (step_acts())? */
bool plan_acts(const struct plan *p);
void plan_print(const struct plan *p, struct buf *b);
/*
 * The exit status of a run of this plan in which no step fails.  Only what the plan refuses counts.
 */
int plan_status(const struct plan *p);
/*
 * The exit status of a run of this plan.  `first` is the status of the first step that was refused
 * or failed; 0: none.  The result is `first`.  But if `first` is not 0 and plan.autoinstall is set,
 * the result is the status of E_NO_HEADERS or E_AUTOINSTALL.
 */
int plan_status_of(const struct plan *p, int first);
/*
 * Make the plan for a command.  A goal that cannot be reached becomes a STEP_REFUSE; the other
 * goals are planned all the same.  *ret must be zeroed.
 */
void plan_goals(const struct world *w, const struct goals *goals, struct plan *ret);
/*
 * Make the plan for an event ("reconcile"): all that is missing or outdated on any kernel, by what
 * is on the machine and what packages own now.  *ret must be zeroed.
 *
 * - All kernels in the root count, not only that of `uname -r`.  On each of them every registered
 *   module package with AUTOINSTALL is wanted (want.h).  With autoinstall_all_kernels=no, that
 *   holds only for the newest and the running kernel, for the kernel whose hook runs, and for
 *   kernels on which a version of the module package is installed.  If the kernel's headers are
 *   missing, the module package waits for them.
 * - A source that a package ships, or that a maintainer script asked to add, is registered by an
 *   event that lists all sources.  While a package manager is at work (a kernel's hook, or `phase
 *   middle`), an event registers such a source if it lists that source.  Any other source waits for
 *   `dkms add`.
 * - A missing source is gone if its recorded owner no longer ships it, or if the event reports its
 *   removal.  A source is also gone if a maintainer script asked for its removal, and an event that
 *   lists all sources shows that no package ships it.  Any other missing source is broken, and its
 *   installed modules stay.
 * - A version that is gone is removed.  If it has a replacement, this happens kernel by kernel,
 *   after the replacement is installed there.
 * - A kernel that no package owns gets modules, too, except on a system with pacman
 *   (reconcile_is_packaged_only()).  The leftovers of a kernel are cleaned up (STEP_CLEAN) only if
 *   a package owned it before, or if the event reports its removal.
 * - An event with `phase last` registers and installs nothing, as with /etc/dkms/no-autoinstall.
 * - If the same event comes a second time, the plan changes nothing.
 */
void plan_event(const struct world *w, const struct event *event, struct plan *ret);

/* ---- for the files of the two planners ---- */

void plan_autoinstall(const struct world *w, const struct goal *g, struct plan *p);
/* The goal "try": build for a kernel that is to come, and try its headers before (plan_try.c). */
void plan_try(const struct world *w, const struct goal *g, struct plan *p);
/* Has a maintainer script made this request, which no event has carried out yet? */
bool plan_is_requested(const struct world *w, enum request_kind kind, const struct modid *id);
/*
 * Was the package of this source installed just now, for the first time or again?  Yes, if the
 * event says so or a maintainer script has asked to add the source.  The request counts because
 * dpkg does not tell its triggers which package was unpacked again.  `folder` may be NULL.
 */
bool plan_is_reinstalled(const struct world *w, const struct event *e, const struct modid *id,
			 const char *folder);
/* Does a package ship the source of this module package?  `owners`: as they are after the event. */
bool plan_is_shipped(const struct owners *owners, const struct world_module *m);
/*
 * Plan to drop requests that this plan carries out or that have become pointless.  Call it only for
 * an event that lists all sources, and after the steps that carry requests out are planned.
 */
void plan_settle_requests(const struct world *w, const struct owners *owners, struct plan *p);
/*
 * Plan to drop the hold `h` if its kernel or its module package is gone.  Call it after all
 * STEP_UNREGISTER steps are planned.  `kernel_gone`: the hold's kernel was removed.  `sources`: the
 * event lists all sources; only then is a missing source known to be gone.
 */
void plan_end_hold(const struct world *w, struct plan *p, const struct hold *h, bool kernel_gone,
		   bool sources);
/*
 * Append a step and return its index.  The step's reason is formatted from `fmt`.  If the plan has
 * a step of the same kind about the same module package and kernel already, add nothing and return
 * the index of that step.
 */
size_t plan_add(struct plan *p, enum step_kind kind, const struct modid *id, const char *release,
		const char *arch, const char *fmt, ...) PRINTF(6, 7);
/*
 * Index of the first step of this kind, or PLAN_NONE.  NULL for `id`, `release` or `arch` matches
 * any.
 */
size_t plan_find(const struct plan *p, enum step_kind kind, const struct modid *id,
		 const char *release, const char *arch);
#define PLAN_NONE SIZE_MAX
/*
 * Let the step with the index `step` wait for the one with the index `before`, and need its success
 * (enum step_rule has the exact rule).  Does nothing if either index is PLAN_NONE, or if both are
 * the same.
 */
void plan_after(struct plan *p, size_t step, size_t before);
/* Let the step `step` wait until the step `before` has ended, even if that step fails. */
void plan_behind(struct plan *p, size_t step, size_t before);
/*
 * Does the step `step` wait for the step `before`, directly or through other steps?  Also true if
 * both are the same.
 */
bool plan_waits_for(const struct plan *p, size_t step, size_t before);
/*
 * Complete a plan: add one depmod and one initramfs for each kernel whose modules change, or whose
 * depmod or initramfs an earlier run left undone.  Then sort the steps, so that each stands behind
 * all steps that it waits for.
 *
 * No initramfs is added with initramfs=never, or for the kernels in `initramfs_follows` (may be
 * NULL), whose initramfs somebody else makes after the event.
 */
void plan_finish(struct plan *p, const struct world *w, const struct strv *initramfs_follows);
