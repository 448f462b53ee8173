/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * override - the files in /etc/dkms with which an admin overrides a package's dkms.conf.
 */
#include "base/strv.h"
#include "engine/target.h"

/*
 * The folder of framework.conf, and of confs, patches and scripts that override those of a source.
 */
#define OVERRIDE_DIR "/etc/dkms"

/*
 * Append the paths of all confs that may override the dkms.conf of t, in the order in which DKMS
 * reads them.  If t->release or t->arch is NULL, append only the confs that are for all kernels.
 */
void override_files(const struct target *t, struct strv *ret);
