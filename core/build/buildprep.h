/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * buildprep - everything of a build that comes before its own commands.
 */
#include "engine/engine.h"
#include "engine/makelog.h"
#include "engine/target.h"
#include "model/conf.h"

/* Headers, source, tools, free space: what would make the build fail in a way that make explains
 * badly. */
int buildprep_check(const struct engine *e, const struct target *t, const struct conf *conf,
		    const char *headers, const struct strv *env, struct err *err) MUST_CHECK;
/* Fresh copy of the source into dir, with /etc/dkms/M/patches laid over its patches. */
int buildprep_copy(const struct engine *e, const struct target *t, const char *dir,
		   struct err *err) MUST_CHECK;
/*
 * A source that was shipped with objects of an old build (an object beside its .cmd file) is
 * cleaned: by the conf's CLEAN, logged; else those objects are removed.
 */
int buildprep_clean(const struct engine *e, const struct conf *conf, const char *dir,
		    const char *build, const struct strv *env, struct makelog *log,
		    struct err *err) MUST_CHECK;
/* All names and files are looked at before the first patch is applied. */
int buildprep_patch(const struct engine *e, const struct target *t, const struct conf *conf,
		    const char *dir, const char *build, const struct strv *env, struct makelog *log,
		    struct err *err) MUST_CHECK;
/* The exports of the files that build_environment names. */
int buildprep_environment(const struct engine *e, const struct target *t, struct strv *env,
			  struct err *err) MUST_CHECK;
