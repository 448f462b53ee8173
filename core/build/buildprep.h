/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * buildprep - what a build does before PRE_BUILD: check, environment, copy, clean, patch.
 *
 * dir: the build folder as this process sees it; build: the same folder as children see it
 * (workspace.h).
 */
#include "engine/engine.h"
#include "engine/makelog.h"
#include "engine/target.h"
#include "model/conf.h"

/* Check headers, source, tools and free space, because make's own errors are hard to read. */
int buildprep_check(const struct engine *e, const struct target *t, const struct conf *conf,
		    const char *headers, const struct strv *env, struct err *err) MUST_CHECK;
/* Copy the source into dir, and /etc/dkms/M/patches over its patches. */
int buildprep_copy(const struct engine *e, const struct target *t, const char *dir,
		   struct err *err) MUST_CHECK;
/*
 * If the copy contains objects of an old build (objects that have a .cmd file), run the conf's
 * CLEAN, logged, and remove what is left of both.  A CLEAN that fails is only a warning.
 */
int buildprep_clean(const struct engine *e, const struct conf *conf, const char *dir,
		    const char *build, const struct strv *env, struct makelog *log,
		    struct err *err) MUST_CHECK;
/* Check the names and files of all patches, then apply them in order. */
int buildprep_patch(const struct engine *e, const struct target *t, const struct conf *conf,
		    const char *dir, const char *build, const struct strv *env, struct makelog *log,
		    struct err *err) MUST_CHECK;
/* Source the files that build_environment names in bash, and replace env by what they export. */
int buildprep_environment(const struct engine *e, const struct target *t, struct strv *env,
			  struct err *err) MUST_CHECK;
