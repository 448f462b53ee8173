/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confwarn - what the author of a conf probably did not mean, although the conf can be used.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/conf.h"

/*
 * Append warnings to values->warnings: misspelt directives in the file at `path`, and a
 * PACKAGE_NAME or PACKAGE_VERSION that is not that of `t`.  Appends nothing if bash could not parse
 * or evaluate the conf.
 */
void confwarn_add(const struct engine *e, const struct target *t, const char *path,
		  const struct conf *conf, struct conf_values *values);
/*
 * If the folder is called NAME-VERSION, with the conf's PACKAGE_NAME but another version, returns a
 * warning, else NULL.  Caller frees.
 */
char *confwarn_folder(const struct root *r, const char *folder, const struct conf *conf);
