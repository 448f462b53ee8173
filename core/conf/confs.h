/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confs - the conf × kernel pairs of one run: where a conf becomes values.
 *
 *	confs_want(&c, &target, folder);	declare every pair that will be needed
 *	r = confs_evaluate(e, &c, err);		one bash for all that are not there yet
 *	conf = confs_get(&c, &target);
 *
 * Survey asks for the pairs without a cached verdict, the run for those it
 * builds; what one has evaluated serves the other.
 */
#include "base/error.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "model/conf.h"
#include "model/ledger.h"

struct confs_entry {
	char *name, *version;
	char *release, *arch; /* "" when the conf is wanted for no kernel */
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
/* Asking twice is asking once.  t->release NULL: for no kernel. */
void confs_want(struct confs *c, const struct target *t, const char *folder);
/*
 * Fails only when bash cannot be run at all; a conf's own troubles are in its values and conf, and
 * so is that others can change it, or its source (trust.h): then bash never sees it.
 */
int confs_evaluate(struct engine *e, struct confs *c, struct err *err) MUST_CHECK;
/* NULL when it was not asked for or not evaluated, or could not be: confs_check() says why. */
const struct conf *confs_get(const struct confs *c, const struct target *t);
const struct confs_entry *confs_entry(const struct confs *c, const struct target *t);
/* 0 or -E_BAD_CONF, -E_CONF_MISSING ... with every diagnostic; strict as for add, build, install.
 */
int confs_check(const struct engine *e, const struct confs_entry *entry, bool strict,
		struct err *err) MUST_CHECK;
/* The verdict to be remembered under key.  Caller owns the members. */
void confs_verdict(const struct engine *e, const struct confs_entry *entry, const char *key,
		   struct verdict *ret);
