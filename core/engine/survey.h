/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * survey - look at the machine, as far as the goals or the event ask, and
 * make a world of it (model/world.h).
 *
 * Scope: goals look at the module packages and kernels they name, at the other versions of
 * that name and, for autoinstall, at every module package for that kernel;
 * an event looks at everything, because a reconcile is about everything; only one from a kernel's
 * own hooks (model/event.h) looks at the kernels it lists, and at all module packages for those.
 *
 * Confs are evaluated only where no verdict is cached (DESIGN 6.3) and
 * SURVEY_NO_PROCESS does not forbid it; they stay in survey.confs for the run.
 * survey_save() writes the caches; a survey by itself writes nothing.
 */
#include "base/error.h"
#include "engine/cache.h"
#include "engine/confs.h"
#include "engine/engine.h"
#include "model/event.h"
#include "model/goal.h"
#include "model/world.h"

enum survey_flags {
	SURVEY_NO_PROCESS = 1, /* status: cached verdicts only */
};

/* What a kernel's modules are built with (toolchain.h). */
struct survey_toolchain {
	char *release, *id;
};

struct survey {
	struct world world;
	struct confs confs;
	struct ledger verdicts; /* only .verdicts is used */
	bool verdicts_changed;
	struct cache headers, sources, loader;
	struct survey_toolchain *toolchains; /* asked for so far */
	size_t n_toolchains;
	struct strv problems; /* of the tree, one line each */
};
#define AUTO_SURVEY CLEANUP(survey_release)

void survey_release(struct survey *s);
int survey_goals(struct engine *e, const struct goals *goals, struct survey *ret,
		 struct err *err) MUST_CHECK;
int survey_event(struct engine *e, const struct event *event, unsigned int flags,
		 struct survey *ret, struct err *err) MUST_CHECK;
/* Caches and verdicts.  Failing is harmless: -errno for the debug log. */
int survey_save(struct engine *e, struct survey *s) MUST_CHECK;

/* What a failure is remembered under; caller frees. */
char *survey_failure_key(struct engine *e, struct survey *s, const struct target *t);
