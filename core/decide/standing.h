/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * standing - how each module package stands on each kernel, why, and what to type.
 *
 * Nothing else judges this: status, why, --check, the last lines of an event and the alerts all
 * take their words from here.  The judgement is made from a world and the plan that an empty event
 * would make of it.  Pure: survey/stand.h makes both from the machine.
 */
#include "decide/plan.h"

/* X(state, word) */
#define STANDING_LIST(X)                                                                    \
	X(STANDING_INSTALLED, "installed")                                                  \
	X(STANDING_BUILT, "built") /* but not installed */                                  \
	X(STANDING_ADDED, "added") /* registered, and in none of the other states */        \
	X(STANDING_FAILED, "failed")                                                        \
	X(STANDING_HELD, "held") /* a person's choice keeps it out of this kernel */        \
	X(STANDING_WAITS, "waits")                                                          \
	X(STANDING_EXCLUDED, "excluded")       /* its dkms.conf does not want the kernel */ \
	X(STANDING_DIFFERS, "differs")	       /* an installed file is not as built */      \
	X(STANDING_INTERRUPTED, "interrupted") /* a run did not come to its end */          \
	X(STANDING_BROKEN, "broken")	       /* its source is missing */                  \
	X(STANDING_BAD, "bad")		       /* its dkms.conf cannot be used */

enum standing_state {
#define X(state, ...) state,
	STANDING_LIST(X)
#undef X
		STANDING_COUNT_
};
const char *standing_word(enum standing_state state);

/* The const pointers in a standing point into the world or the plan, or to a static text. */
struct standing {
	struct modid id;	    /* its strings belong to the world or the plan */
	const char *release, *arch; /* NULL: the entry is about no kernel */
	enum standing_state state;
	char *reason;  /* one line; NULL: nothing to say */
	char *cure;    /* a command to type; NULL: there is none */
	bool problem;  /* a person should know */
	bool missing;  /* wanted on this kernel, and no version of it is installed there */
	bool pending;  /* the next event builds or installs it */
	int64_t since; /* seconds since 1970; 0: not known */
	char *run;     /* id of the run that made it so (model/history.h); NULL: not known */
	/*
	 * Set if this is an older version that stays installed.  `newest` is the newest version,
	 * e.g. "1.3".  `newest_why` says why that one is not installed, e.g. "does not build".
	 */
	const char *newest, *newest_why;
	const struct failure *failure;
	const struct hold *hold;
	const struct world_build *build;
};

struct standings {
	struct standing *v;
	size_t n;
};
#define AUTO_STANDINGS CLEANUP(standings_release)

void standings_release(struct standings *l);
/*
 * Judge `w`.  `p` is the plan that an empty event makes of it.  `headers` has, for each kernel of
 * `w`, the command that installs its headers, or "" if that is not known.
 *
 * There is one entry for each module package and kernel about which there is something to say, and
 * one without a kernel for each module package that has no other entry.  They are in the order of
 * the world.  At the end there is one without a kernel for each module package that a person
 * removed (HOLD_REMOVED), if a package still ships its source.
 */
void standings_judge(const struct world *w, const struct plan *p, const struct strv *headers,
		     struct standings *ret);
/*
 * Call it if the last run that was to build or install the entry was interrupted.  If the entry is
 * ADDED or BUILT, and the next event would build or install it, its state becomes INTERRUPTED.
 */
void standing_interrupt(struct standing *s);
/* The entry about this module package and kernel; NULL if there is none. */
const struct standing *standings_find(const struct standings *l, const struct modid *id,
				      const char *release, const char *arch);
/*
 * The step of the plan that says most about this module package and kernel; NULL: there is none.
 * Of several, what the plan reports comes before what it does.
 */
const struct step *standing_find_step(const struct plan *p, const struct modid *id,
				      const char *release, const char *arch);
/* Append "hello/1.1 stays installed for K1, K2: 1.3 does not build", without a newline. */
void standing_add_stays(struct buf *b, const struct modid *id, const struct strv *kernels,
			const char *newest, const char *why);
/*
 * Find the kernels on which, as `l` says, `id` stays installed, and append the text of
 * standing_add_stays() about them.  The text has one reason, that of the first kernel, so kernels
 * with another reason are left out.  Returns false, and appends nothing, if there is no kernel.
 */
bool standings_add_stays(struct buf *b, const struct standings *l, const struct modid *id);
/*
 * One line for each entry, for tests: "foo/1.0 K A failed! missing: reason [cure]".  '!' marks a
 * problem.
 */
void standings_print(const struct standings *l, struct buf *b);
/* The newest version of the name whose source is there; NULL if there is none. */
const struct world_module *standing_newest(const struct world *w, const char *name);
