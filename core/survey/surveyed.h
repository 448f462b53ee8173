/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * surveyed - what a survey has found, and what a run keeps of it.
 */
#include "conf/confs.h"
#include "engine/cache.h"
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
