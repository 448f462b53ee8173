/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * open - open and close a struct engine.
 */
#include "engine/engine.h"

/*
 * Complete e.  The caller has initialised it with ENGINE_INIT, and has set the options of the
 * command line and the settings that come from the command line and the environment.  The caller
 * may have set arch.  root_path: "/" or a folder.
 *
 * Reads the root's framework files (conf/framework.h) and checks all settings.  If those files are
 * plain, no process is started.  Fails with -E_USAGE for a bad setting, -E_NO_OS_RELEASE, an error
 * of framework_read(), or -errno.  The caller closes e in every case.
 */
int engine_open(struct engine *e, const char *root_path, struct err *err) MUST_CHECK;
void engine_close(struct engine *e);
