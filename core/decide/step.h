/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * step - one thing that a plan does or tells, with its reason.
 *
 * STEP_LIST is all that there is to know of a kind of step: what it is called in a plan's text,
 * what must have become of the steps before it, how loudly it is told, what is said when it begins,
 * and which function of run/runsteps.c does it ("none": run/run.c has the builds and depmod, for
 * several are under way at once).
 */
#include "base/buf.h"
#include "base/strv.h"
#include "model/ledger.h"
#include "model/modid.h"

/* The reason of a STEP_KEEP: a version whose source is gone is still installed. */
#define PLAN_STAYS "it stays until the other version is installed for this kernel"
/* In the names of a STEP_INITRAMFS: an earlier run left it undone, and its changes are unknown. */
#define PLAN_OWED "!"

enum step_rule {
	STEP_TELLS,   /* does nothing */
	STEP_NEEDS,   /* done if all steps before it succeeded */
	STEP_FOLLOWS, /* done when all steps before it have ended, if any changed something */
};

/* How a step that tells is told.  An event says NOTE, WAITS and WARN once (tree/told.h). */
enum step_tone {
	TONE_NONE,
	TONE_INFO, /* an event says it to the debug log only */
	TONE_NOTE,
	TONE_WAITS, /* a note: "... waits: ..." */
	TONE_WARN,
	TONE_ERROR,
};

/* X(kind, name, rule, tone, what is said when it begins, and behind the subject, function) */
#define STEP_LIST(X)                                                                     \
	/* the source link, POST_ADD */                                                  \
	X(STEP_REGISTER, "register", NEEDS, NONE, "Adding", "", register)                \
	/* the record of a build of DKMS */                                              \
	X(STEP_ADOPT, "adopt", NEEDS, NONE, NULL, "", adopt)                             \
	X(STEP_BUILD, "build", NEEDS, NONE, "Building", "", none)                        \
	/* replaces what is installed of that name */                                    \
	X(STEP_INSTALL, "install", NEEDS, NONE, "Installing", "", install)               \
	/* originals come back */                                                        \
	X(STEP_UNINSTALL, "uninstall", NEEDS, NONE, "Uninstalling", "", uninstall)       \
	X(STEP_UNBUILD, "unbuild", NEEDS, NONE, "Removing the build of", "", unbuild)    \
	/* forget the module package */                                                  \
	X(STEP_UNREGISTER, "unregister", NEEDS, NONE, "Removing", " from the DKMS tree", \
	  unregister)                                                                    \
	/* what is left in the tree of a kernel that is gone */                          \
	X(STEP_CLEAN, "clean", NEEDS, NONE, "Cleaning up after kernel", "", clean)       \
	X(STEP_DEPMOD, "depmod", FOLLOWS, NONE, "Running depmod for", "", none)          \
	X(STEP_INITRAMFS, "initramfs", FOLLOWS, NONE, NULL, "", initramfs)               \
	/* remember a person's choice */                                                 \
	X(STEP_HOLD, "hold", NEEDS, NONE, NULL, "", hold)                                \
	X(STEP_UNHOLD, "unhold", NEEDS, NONE, NULL, "", hold)                            \
	/* remember who ships what */                                                    \
	X(STEP_OWNERS, "owners", FOLLOWS, NONE, NULL, "", owners)                        \
	/* remember what a script asked for */                                           \
	X(STEP_REQUEST, "request", NEEDS, NONE, NULL, "", request)                       \
	/* such a request is done with */                                                \
	X(STEP_SETTLE, "settle", NEEDS, NONE, NULL, "", request)                         \
	/* there is nothing to do, as asked */                                           \
	X(STEP_SKIP, "skip", TELLS, NOTE, NULL, "", none)                                \
	/* the headers are not there yet */                                              \
	X(STEP_WAITING, "waiting", TELLS, WAITS, NULL, "", none)                         \
	/* a person's choice */                                                          \
	X(STEP_HELD, "held", TELLS, INFO, NULL, "", none)                                \
	/* BUILD_EXCLUSIVE */                                                            \
	X(STEP_EXCLUDED, "excluded", TELLS, INFO, NULL, "", none)                        \
	/* failed before, with the same input */                                         \
	X(STEP_FAILED, "failed", TELLS, WARN, NULL, "", none)                            \
	/* needs a module package that nobody has registered */                          \
	X(STEP_DEFERRED, "deferred", TELLS, WAITS, NULL, "", none)                       \
	/* its source is not there; its modules stay */                                  \
	X(STEP_BROKEN, "broken", TELLS, WARN, NULL, "", none)                            \
	/* the old version stays on this kernel */                                       \
	X(STEP_KEEP, "keep", TELLS, WARN, NULL, "", none)                                \
	/* a request for it waits */                                                     \
	X(STEP_PENDING, "pending", TELLS, INFO, NULL, "", none)                          \
	/* its dkms.conf cannot be used, as before */                                    \
	X(STEP_BAD, "bad", TELLS, WARN, NULL, "", none)                                  \
	/* cannot be done; step.code says why */                                         \
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
	const char *doing; /* "Adding": said with the subject when it begins; NULL: nothing is */
	const char *doing_what; /* what follows the subject then */
};

const struct step_class *step_class(enum step_kind kind);
/* Does it do anything? */
bool step_acts(enum step_kind kind);
/* Is it told by the first event that finds it so, and not by the next one? */
bool step_is_told_once(enum step_kind kind);

struct step {
	enum step_kind kind;
	struct modid id;      /* name NULL: not about a module package */
	char *release, *arch; /* NULL: not about a kernel */
	char *reason;
	int code; /* STEP_REFUSE: -E_..., else 0 */
	bool force;
	bool awaits_depmod; /* STEP_SKIP: it holds only if another run's depmod confirms the install
			     */
	bool told; /* a telling step about what was told when it happened: a failed build ... */
	bool news; /* of an event's telling step: no event has told that (tree/told.h) */
	enum hold_kind hold;	   /* STEP_HOLD, STEP_UNHOLD */
	enum request_kind request; /* STEP_REQUEST */
	char *seen;		   /* STEP_HOLD: ledger.h */
	struct strv names; /* INITRAMFS: modules that changed; "*" = REMAKE_INITRD, PLAN_OWED */
	size_t *after;	   /* indices into plan.steps: steps that must have succeeded first */
	size_t n_after;
	size_t *behind; /* steps that must have ended first, even if they failed */
	size_t n_behind;
	bool fallback; /* done only if the step `unless`, an index, was not */
	size_t unless;
};

void step_release(struct step *s);
/* One line without number and after: "build foo/1.0 6.1.0-56-amd64 x86_64: reason". */
void step_print(const struct step *s, struct buf *b);
