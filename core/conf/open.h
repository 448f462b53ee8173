/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * open - make a struct engine ready for use, and end with it.
 */
#include "engine/engine.h"

/*
 * e: ENGINE_INIT with what the command line said; settings hold what came from there and from the
 * environment; arch may be set.  root_path: "/" or a folder.  The framework files of the root are
 * read here (conf/framework.h) and all settings checked.  Starts no process when those files are
 * plain.  -E_USAGE for a bad setting, -E_NO_OS_RELEASE, -errno; e is to be closed in every case.
 */
int engine_open(struct engine *e, const char *root_path, struct err *err) MUST_CHECK;
void engine_close(struct engine *e);
