/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * override - the files in /etc/dkms with which an admin overrides a package's dkms.conf.
 */
#include "base/strv.h"
#include "engine/target.h"

/* Where admins put confs, patches and scripts over those of a source, and framework.conf is. */
#define OVERRIDE_DIR "/etc/dkms"

/*
 * Append the paths of all overrides that may exist, in the order in which DKMS reads them.  If
 * t->release or t->arch is NULL, only those for all kernels.
 */
void override_files(const struct target *t, struct strv *ret);
