/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * surveyed - the result of a survey, which the run uses and completes.
 */
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
