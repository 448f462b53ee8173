/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * buildprep - what a build does before PRE_BUILD: check, environment, copy, clean, patch.
 *
 * In all functions, `dir` is the path by which this process knows the build folder, and `build` is
 * the path by which its children know the same folder (workspace.h).
 */
#include "engine/engine.h"
#include "engine/makelog.h"
#include "engine/target.h"
#include "model/conf.h"

/* Check headers, source, tools and free space, because make's own errors are hard to read. */
int buildprep_check(const struct engine *e, const struct target *t, const struct conf *conf,
		    const char *headers, const struct strv *env, struct err *err) MUST_CHECK;
/* Copy the source into `dir`, then the files of /etc/dkms/M/patches over those in dir/patches. */
int buildprep_copy(const struct engine *e, const struct target *t, const char *dir,
		   struct err *err) MUST_CHECK;
/*
 * If the copy in `dir` contains objects of an old build (foo.o with .foo.o.cmd), run the conf's
 * CLEAN.  Then remove those objects and .cmd files that CLEAN has left.  CLEAN's output goes to
 * `log`.  If CLEAN fails, that is only a warning.
 */
int buildprep_clean(const struct engine *e, const struct conf *conf, const char *dir,
		    const char *build, const struct strv *env, struct makelog *log,
		    struct err *err) MUST_CHECK;
/*
 * Check the names and files of all patches, then apply them in order.  After a failure
 * *ret_memorable tells whether the source is at fault: it is if a patch is missing, or if patch(1)
 * ended by itself with a status below 126.
 */
int buildprep_patch(const struct engine *e, const struct target *t, const struct conf *conf,
		    const char *dir, const char *build, const struct strv *env, struct makelog *log,
		    bool *ret_memorable, struct err *err) MUST_CHECK;
/*
 * Source each file that the setting build_environment names, in a bash with the environment `env`.
 * Replace `env` with what that bash exports afterwards.
 */
int buildprep_environment(const struct engine *e, const struct target *t, struct strv *env,
			  struct err *err) MUST_CHECK;
