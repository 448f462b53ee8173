/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * judge - will a module load?  Pure.
 *
 * The checks are those that modprobe and the kernel make, for the modules that the module needs,
 * too.  The basic checks come first, and the first reason that is found is the one that is said.
 * But a reason for which the module is certain to fail replaces one that leaves this open.
 */
#include "verify/reason.h"
#include "verify/scene.h"

struct judgement {
	enum reason reason;
	char *text; /* why, for people; NULL: it loads */
	char *cure; /* NULL: none */
};
#define AUTO_JUDGEMENT CLEANUP(judgement_release)
void judgement_release(struct judgement *j);
/* Judge module number i of the scene. */
void judge(const struct scene *s, size_t i, struct judgement *ret);

/*
 * Would the kernel take a module with the vermagic `have`, if its own modules have `want`?  If the
 * module has versions of symbols, the release, which is the first word, does not count.
 */
bool judge_vermagic(const char *have, const char *want, bool versions);
