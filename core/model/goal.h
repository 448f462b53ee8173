/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * goal - what a command asks for, one module package and one kernel at a time.
 *
 * As text, for tests: VERB [NAME/VERSION] [RELEASE ARCH] [force].  A line `phase middle` sets
 * goals.middle.
 *
 * - `add` has no kernel, and `autoinstall` has no module package.
 * - `remove` for several kernels is one goal for each kernel.  If the module package is built for
 *   no kernel, `remove` is one goal without a kernel.
 * - `add-later` and `remove-later` have no kernel.  They only leave a request (ledger.h).
 * - `hold` and `unhold` without a kernel are about every kernel.
 */
#include "base/buf.h"
#include "base/error.h"
#include "model/modid.h"

enum goal_verb {
	GOAL_ADD,
	GOAL_BUILD,
	GOAL_INSTALL,
	GOAL_UNINSTALL,
	GOAL_UNBUILD,
	GOAL_REMOVE,
	GOAL_AUTOINSTALL,
	GOAL_ADD_LATER,
	GOAL_REMOVE_LATER,
	GOAL_HOLD,
	GOAL_UNHOLD,
	GOAL_TRY,
};

struct goal {
	enum goal_verb verb;
	struct modid id;
	char *release, *arch; /* NULL: no kernel */
	bool force;
};

struct goals {
	struct goal *v;
	size_t n;
	/*
	 * True if a package's script asks, and not a person.  Then no hold is made.  If a build
	 * fails, later events of the middle do not try it again, but a settled event does
	 * (failure.middle in ledger.h).
	 */
	bool middle;
};
#define AUTO_GOALS CLEANUP(goals_release)

void goals_release(struct goals *g);
/* Copies its arguments; `id`, `release` and `arch` may be NULL. */
void goals_add(struct goals *g, enum goal_verb verb, const struct modid *id, const char *release,
	       const char *arch, bool force);
const char *goal_verb_name(enum goal_verb verb);
/* Returns false, and leaves *ret unchanged, if s is not a verb. */
bool goal_verb_parse(const char *s, enum goal_verb *ret);
void goal_print(const struct goal *g, struct buf *b);
/*
 * Parse one line: append its goal, or set goals.middle for "phase middle".  Returns 0, or -E_USAGE
 * or -E_BAD_NAME with a text in err.
 */
int goal_parse(const char *line, struct goals *g, struct err *err) MUST_CHECK;
