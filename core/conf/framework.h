/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * framework - read /etc/dkms/framework.conf and framework.conf.d/<name>.conf into the settings.
 *
 * Files in framework.conf.d override framework.conf; among them the last in name order wins.
 *  - A plain file (settings_parse_plain()) is parsed here.
 *  - Any other file is evaluated by bash (conf/confeval.h) if allow_process is set.
 *  - If allow_process is not set, a file that is not plain counts only up to the first line that
 *    needs a shell, and a warning names that line.
 * In all three cases, variables that depend on the kernel stay as they are: "$kernelver" evaluates
 * to "$kernelver".
 *
 * The weakest source is /etc/sysconfig/module-init-tools, from which only ADDON_MODULES_DIR is
 * taken.
 */
#include "base/error.h"
#include "base/util.h"

struct engine;

/*
 * A missing file is no error.  A file is ignored with a warning if it cannot be read, or if
 * somebody else than root can change it (engine/trust.h).  Fails only if bash cannot be run, with
 * the errors of confeval_jobs().
 */
int framework_read(struct engine *e, bool allow_process, struct err *err) MUST_CHECK;
