/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * surveyed - the result of a survey, which the run uses and completes, and survey_save() keeps.
 */
#include "base/error.h"
#include "conf/confs.h"
#include "engine/cache.h"
#include "model/world.h"

enum survey_flags {
	SURVEY_NO_PROCESS = 1, /* for status: start no process, use remembered verdicts only */
};

/* toolchain_identity() of a kernel. */
struct survey_toolchain {
	char *release, *id;
};

struct survey {
	struct world world;
	struct confs confs;
	struct verdicts verdicts;
	bool verdicts_changed;
	struct cache headers, sources, loader;
	struct survey_toolchain *toolchains; /* those that were needed so far */
	size_t n_toolchains;
	struct strv problems; /* texts for people: damaged records, ledgers, confs ... */
};
#define AUTO_SURVEY CLEANUP(survey_release)

void survey_release(struct survey *s);
/*
 * Write caches and changed verdicts.  An error matters for the debug log only: what is not written
 * will be computed anew.
 */
int survey_save(struct engine *e, struct survey *s) MUST_CHECK;
