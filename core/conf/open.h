/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * open - open and close a struct engine.
 */
#include "engine/engine.h"

/*
 * Complete e.  Before, the caller has initialised e with ENGINE_INIT, and has set what comes from
 * the command line and the environment: the options, settings and, if given, arch.  root_path is
 * "/" or the folder that is the root.
 *
 * Reads the root's framework files (conf/framework.h) and checks all settings.  If those files are
 * plain, no process is started.  Fails with -E_USAGE for a bad setting, -E_NO_OS_RELEASE, an error
 * of framework_read(), or -errno.  The caller must call engine_close(), even after a failure.
 */
int engine_open(struct engine *e, const char *root_path, struct err *err) MUST_CHECK;
void engine_close(struct engine *e);
