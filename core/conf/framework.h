/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * framework - read /etc/dkms/framework.conf and framework.conf.d/<name>.conf into the settings.
 *
 * Files in framework.conf.d override framework.conf; among them the last in name order wins.  A
 * plain file (settings_parse_plain()) is parsed here.  Any other is evaluated by bash
 * (conf/confeval.h) if allow_process.  If not, only the assignments above the first line that needs
 * a shell count, and a warning names that line.  Variables that depend on the kernel stay templates
 * either way: "$kernelver" evaluates to itself.
 *
 * The weakest source is /etc/sysconfig/module-init-tools, from which only ADDON_MODULES_DIR is
 * taken.
 */
#include "base/error.h"
#include "base/util.h"

struct engine;

/*
 * A missing file is no error.  One that cannot be read, or that somebody else than root can change
 * (engine/trust.h), is ignored with a warning.  Fails only if bash cannot be run:
 * confeval_jobs() has the errors.
 */
int framework_read(struct engine *e, bool allow_process, struct err *err) MUST_CHECK;
