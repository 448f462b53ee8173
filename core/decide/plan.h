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
#include "model/event.h"
#include "model/goal.h"
#include "model/world.h"

/* The reason of a STEP_SKIP that the run looks at again at its end. */
#define PLAN_INSTALLED "already installed"
/* The reason of a STEP_KEEP: a version whose source is gone is still installed. */
#define PLAN_STAYS "it stays until the other version is installed for this kernel"
/* In the names of a STEP_INITRAMFS: an earlier run left it undone, and its changes are unknown. */
#define PLAN_OWED "!"

#define STEP_LIST(X)                                                                     \
	/* acting */                                                                     \
	X(STEP_REGISTER, "register") /* add: source link, POST_ADD */                    \
	X(STEP_ADOPT, "adopt")	     /* make the record of a build of DKMS */            \
	X(STEP_BUILD, "build")                                                           \
	X(STEP_INSTALL, "install")     /* replaces what is installed of that name */     \
	X(STEP_UNINSTALL, "uninstall") /* originals back */                              \
	X(STEP_UNBUILD, "unbuild")                                                       \
	X(STEP_UNREGISTER, "unregister") /* forget the module package */                 \
	X(STEP_CLEAN, "clean")		 /* what is left in the tree of a gone kernel */ \
	X(STEP_DEPMOD, "depmod")                                                         \
	X(STEP_INITRAMFS, "initramfs")                                                   \
	X(STEP_HOLD, "hold") /* remember a person's choice */                            \
	X(STEP_UNHOLD, "unhold")                                                         \
	X(STEP_OWNERS, "owners") /* remember who ships what */                           \
	X(STEP_REQUEST, "request") /* remember what a script asked for */                 \
	X(STEP_SETTLE, "settle")   /* such a request is done with */                      \
	/* telling */                                                                    \
	X(STEP_SKIP, "skip")	     /* there is nothing to do, as asked */              \
	X(STEP_WAITING, "waiting")   /* headers are not there yet */                     \
	X(STEP_HELD, "held")	     /* a person's choice */                             \
	X(STEP_EXCLUDED, "excluded") /* BUILD_EXCLUSIVE */                               \
	X(STEP_FAILED, "failed")     /* failed before with the same input */             \
	X(STEP_DEFERRED, "deferred") /* needs a module that nobody has registered */     \
	X(STEP_BROKEN, "broken")     /* source is not there; modules stay */             \
	X(STEP_KEEP, "keep")	     /* the old version stays on this kernel */          \
	X(STEP_PENDING, "pending")   /* a request for it waits */                         \
	X(STEP_BAD, "bad")	     /* its dkms.conf cannot be used, as before */          \
	X(STEP_REFUSE, "refuse")     /* cannot be done; code says why */

enum step_kind {
#define X(id, name) id,
	STEP_LIST(X)
#undef X
		STEP_KIND_COUNT_
};

struct step {
	enum step_kind kind;
	struct modid id;      /* name NULL: not about a module package */
	char *release, *arch; /* NULL: not about a kernel */
	char *reason;
	int code; /* STEP_REFUSE: -E_..., else 0 */
	bool force;
	bool told; /* a telling step about what was told when it happened: a failed build ... */
	bool news; /* of an event's telling step: no event has told that (tree/told.h) */
	enum hold_kind hold; /* STEP_HOLD, STEP_UNHOLD */
	enum request_kind request; /* STEP_REQUEST */
	char *seen;	     /* STEP_HOLD: ledger.h */
	struct strv names;   /* INITRAMFS: modules that changed; "*" = REMAKE_INITRD, PLAN_OWED */
	size_t *after;	     /* indices into plan.steps: steps that must have succeeded first */
	size_t n_after;
	size_t *behind; /* steps that must have ended first, even if they failed */
	size_t n_behind;
	bool fallback; /* done only if the step `unless`, an index, was not */
	size_t unless;
};

struct plan {
	struct step *steps;
	size_t n;
	bool autoinstall; /* a failure ends with E_AUTOINSTALL and a summary */
	/* Kernels whose initramfs somebody else makes; only while the plan is made, may be NULL. */
	const struct strv *initramfs_follows;
	struct ledger owners; /* for STEP_OWNERS: only .owned is used */
};
#define AUTO_PLAN CLEANUP(plan_release)

void plan_release(struct plan *p);
const char *step_kind_name(enum step_kind kind);
bool step_acts(enum step_kind kind);
/* Must its predecessors have succeeded (all kinds but depmod, initramfs, owners)? */
bool step_needs_success(enum step_kind kind);
/* Is there anything to be done? */
bool plan_acts(const struct plan *p);
void plan_print(const struct plan *p, struct buf *b);
/* One line without number and after: "build foo/1.0 6.1.0-56-amd64 x86_64: reason". */
void step_print(const struct step *s, struct buf *b);

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
/* Last: one depmod and one initramfs a kernel that changed, then sort so that each step follows its
 * predecessors. */
void plan_finish(struct plan *p, const struct world *w);
