/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * framework - /etc/dkms/framework.conf and framework.conf.d/<name>.conf into the settings.
 *
 * Files of the folder are stronger than framework.conf, and the last in name order is the
 * strongest.  A file that is plain (settings_parse_plain()) is read here; another one is evaluated
 * by bash (conf/confeval.h) if allow_process, else the assignments above its first line that
 * needs a shell count, and a warning names that line.  Variables that are known only for a kernel
 * stay templates either way: "$kernelver" is its own value.
 *
 * ADDON_MODULES_DIR is taken from /etc/sysconfig/module-init-tools too, as the weakest source.
 */
#include "base/error.h"
#include "base/util.h"

struct engine;

/* A missing file is no error, an unreadable one a warning.  -E_..., -errno of bash. */
int framework_read(struct engine *e, bool allow_process, struct err *err) MUST_CHECK;
