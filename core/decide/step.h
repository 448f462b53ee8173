/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * step - one thing that a plan does or reports, with its reason.
 *
 * STEP_LIST has a line for each kind of step: its name in a plan's text, the rule that says when it
 * is done, how loudly it is reported, what is printed when it begins, and the function of
 * run/runsteps.c that does it.  The function is "none" for steps that only report, and for builds
 * and depmod, which have files of their own (run/runbuild.c, run/rundepmod.c).
 */
#include "base/buf.h"
#include "base/strv.h"
#include "model/ledger.h"
#include "model/modid.h"

/*
 * Reason of a STEP_KEEP: a version whose source is gone stays until its replacement is installed.
 */
#define PLAN_STAYS "it stays until the other version is installed for this kernel"
/*
 * In step.names of a STEP_INITRAMFS: an earlier run left the initramfs undone, and it is not known
 * which modules that run changed.
 */
#define PLAN_OWED "!"

enum step_rule {
	STEP_TELLS,   /* only reports */
	STEP_NEEDS,   /* done if all steps in step.after succeeded */
	STEP_FOLLOWS, /* waits for all steps in step.after to end; done if one changed something */
};

/*
 * For steps that only report: how loudly they do it.  If the tone is NOTE, WAITS or WARN, the first
 * event that finds such a step reports it; later events repeat it with --verbose only
 * (tree/told.h).
 */
enum step_tone {
	TONE_NONE,
	TONE_INFO, /* an event reports it with --verbose only */
	TONE_NOTE,
	TONE_WAITS, /* a note: "... waits: ..." */
	TONE_WARN,
	TONE_ERROR,
};

/* X(kind, name, rule, tone, step_class.doing, step_class.doing_what, function) */
#define STEP_LIST(X)                                                                       \
	/* make the source link, run POST_ADD */                                           \
	X(STEP_REGISTER, "register", NEEDS, NONE, "Adding", "", register)                  \
	/* write a record for a build that DKMS made */                                    \
	X(STEP_ADOPT, "adopt", NEEDS, NONE, NULL, "", adopt)                               \
	/* build an empty module: are the headers of a kernel that is to come any good? */ \
	X(STEP_SMOKE, "smoke", NEEDS, NONE, "Trying the headers of", "", smoke)            \
	X(STEP_BUILD, "build", NEEDS, NONE, "Building", "", none)                          \
	/* replaces any installed version of the name */                                   \
	X(STEP_INSTALL, "install", NEEDS, NONE, "Installing", "", install)                 \
	/* restores originals */                                                           \
	X(STEP_UNINSTALL, "uninstall", NEEDS, NONE, "Uninstalling", "", uninstall)         \
	X(STEP_UNBUILD, "unbuild", NEEDS, NONE, "Removing the build of", "", unbuild)      \
	/* drop the source link and all that is remembered of the version */               \
	X(STEP_UNREGISTER, "unregister", NEEDS, NONE, "Removing", " from the DKMS tree",   \
	  unregister)                                                                      \
	/* remove leftovers from the tree of a removed kernel */                           \
	X(STEP_CLEAN, "clean", NEEDS, NONE, "Cleaning up after kernel", "", clean)         \
	X(STEP_DEPMOD, "depmod", FOLLOWS, NONE, "Running depmod for", "", depmod)          \
	X(STEP_INITRAMFS, "initramfs", FOLLOWS, NONE, NULL, "", initramfs)                 \
	/* record a person's choice, or drop that record */                                \
	X(STEP_HOLD, "hold", NEEDS, NONE, NULL, "", hold)                                  \
	X(STEP_UNHOLD, "unhold", NEEDS, NONE, NULL, "", hold)                              \
	/* record which package owns which kernel, headers and source */                   \
	X(STEP_OWNERS, "owners", FOLLOWS, NONE, NULL, "", owners)                          \
	/* record what a maintainer script asked for */                                    \
	X(STEP_REQUEST, "request", NEEDS, NONE, NULL, "", request)                         \
	/* drop such a request */                                                          \
	X(STEP_SETTLE, "settle", NEEDS, NONE, NULL, "", request)                           \
	/* hold a kernel of an upgrade back, or let it in */                               \
	X(STEP_GATE, "gate", NEEDS, NONE, NULL, "", gate)                                  \
	X(STEP_UNGATE, "ungate", NEEDS, NONE, NULL, "", gate)                              \
	/* what was asked for is done already, or is switched off */                       \
	X(STEP_SKIP, "skip", TELLS, NOTE, NULL, "", none)                                  \
	/* waits for headers, a writable file system, or a dependency that waits */        \
	X(STEP_WAITING, "waiting", TELLS, WAITS, NULL, "", none)                           \
	/* a hold: a person's choice is respected */                                       \
	X(STEP_HELD, "held", TELLS, INFO, NULL, "", none)                                  \
	/* the conf excludes this kernel (BUILD_EXCLUSIVE) */                              \
	X(STEP_EXCLUDED, "excluded", TELLS, INFO, NULL, "", none)                          \
	/* a remembered failure, or a dependency that cannot be had */                     \
	X(STEP_FAILED, "failed", TELLS, WARN, NULL, "", none)                              \
	/* needs a module package that is not registered, not wanted, or deferred */       \
	X(STEP_DEFERRED, "deferred", TELLS, WAITS, NULL, "", none)                         \
	/* its source is missing; installed modules stay */                                \
	X(STEP_BROKEN, "broken", TELLS, WARN, NULL, "", none)                              \
	/* the installed version stays on this kernel */                                   \
	X(STEP_KEEP, "keep", TELLS, WARN, NULL, "", none)                                  \
	/* its requested removal has not been carried out yet */                           \
	X(STEP_PENDING, "pending", TELLS, INFO, NULL, "", none)                            \
	/* its dkms.conf cannot be used; an earlier run found this */                      \
	X(STEP_BAD, "bad", TELLS, WARN, NULL, "", none)                                    \
	/* cannot be done; step.code is the error */                                       \
	X(STEP_REFUSE, "refuse", TELLS, ERROR, NULL, "", none)

enum step_kind {
#define X(kind, ...) kind,
	STEP_LIST(X)
#undef X
		STEP_KIND_COUNT_
};

struct step_class {
	const char *name;
	enum step_rule rule;
	enum step_tone tone;
	/* E.g. "Adding": printed before the subject when the step begins; NULL: print nothing. */
	const char *doing;
	const char *doing_what; /* printed behind the subject */
};

const struct step_class *step_class(enum step_kind kind);
/* Does a step of this kind change something?  False: it only reports. */
bool step_acts(enum step_kind kind);
/* Is such a step reported only by the first event that finds it (tree/told.h)? */
bool step_is_told_once(enum step_kind kind);

struct step {
	enum step_kind kind;
	struct modid id;      /* name NULL: not about a module package */
	char *release, *arch; /* NULL: not about one kernel */
	char *reason;
	int code; /* STEP_REFUSE: -E_..., else 0 */
	bool force;
	/*
	 * For a STEP_SKIP "already installed".  Another run may have made that install just now,
	 * and rolls it back if its depmod fails.  So this run waits for the other run's depmod.
	 */
	bool awaits_depmod;
	bool told; /* an earlier run reported it, e.g. a failed build: do not report it again */
	bool news; /* no earlier event reported it (set by told_mark() in tree/told.h) */
	enum hold_kind hold;	   /* STEP_HOLD, STEP_UNHOLD */
	enum request_kind request; /* STEP_REQUEST */
	char *seen;		   /* STEP_HOLD: hold.seen in model/ledger.h */
	/* STEP_INITRAMFS: modules that changed, "*" for REMAKE_INITRD, PLAN_OWED */
	struct strv names;
	size_t *after; /* indices into plan.steps: this step waits for them (enum step_rule) */
	size_t n_after;
	size_t *behind; /* indices of steps that must have ended first, even if they failed */
	size_t n_behind;
	bool fallback; /* done only if the step `unless` failed or was not done */
	size_t unless;
};

void step_release(struct step *s);
/* One line: "build foo/1.0 6.1.0-56-amd64 x86_64: reason", without number and "(after 2)". */
void step_print(const struct step *s, struct buf *b);
