/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confs - the confs of one run.  A conf and the kernel for which it is evaluated are a pair.
 *
 *	confs_want(&c, &target, folder);	declare every pair that will be needed
 *	r = confs_evaluate(e, &c, err);		one bash for all that are not evaluated yet
 *	conf = confs_get(&c, &target);
 *
 * What the planner must know of a pair is remembered as a verdict (model/ledger.h).  First the
 * survey (survey/) declares the pairs that have no valid verdict.  Then the run (run/) declares the
 * pairs that its steps need.  Both use the same struct confs, so a pair is evaluated once.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "model/conf.h"
#include "model/ledger.h"

struct confs_entry {
	char *name, *version;
	char *release, *arch; /* "" if the conf is wanted without a kernel */
	char *folder;	      /* source folder, absolute inside the root */
	bool evaluated;
	struct conf_values values;
	struct conf conf;
};

struct confs {
	struct confs_entry *v;
	size_t n;
};
#define AUTO_CONFS CLEANUP(confs_release)

void confs_release(struct confs *c);
/* Declare a pair, unless it is declared already.  t->release NULL: the conf without a kernel. */
void confs_want(struct confs *c, const struct target *t, const char *folder);
/*
 * Evaluate all pairs that are not evaluated yet.  Fails only if bash cannot be run; a problem of
 * one conf is an error in its entry.  If somebody else than root can change a conf or its source
 * (engine/trust.h), the conf is not evaluated, and its entry has an error.
 */
int confs_evaluate(struct engine *e, struct confs *c, struct err *err) MUST_CHECK;
/*
 * Both return NULL if the pair was not declared; confs_get() also if the conf is not evaluated yet
 * or could not be evaluated.
 */
const struct conf *confs_get(const struct confs *c, const struct target *t);
const struct confs_entry *confs_entry(const struct confs *c, const struct target *t);
/*
 * Returns 0, or an error of the conf (-E_BAD_CONF, -E_CONF_MISSING ...) with every diagnostic in
 * `err`.  With `strict`, also reports what is an error only for add, build and install
 * (conf_check()).
 */
int confs_check(const struct engine *e, const struct confs_entry *entry, bool strict,
		struct err *err) MUST_CHECK;
/* Make the verdict that will be remembered with this key.  The caller owns its members. */
void confs_verdict(const struct engine *e, const struct confs_entry *entry, const char *key,
		   struct verdict *ret);
