/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * trustlook - for fsck: check that only root can change what root runs or trusts.
 */
#include "engine/engine.h"

/*
 * path: what the problem is about; text: what is wrong; advice: the commands that mend it.  All are
 * valid during the call only.
 */
typedef void (*trust_fn)(const char *path, const char *text, const char *advice, void *data);
/*
 * Check /etc/dkms, the dkms tree, all sources in it and in <source_tree>, and the signing key
 * (engine/trust.h), and call fn for each problem.
 */
void trust_look(const struct engine *e, trust_fn fn, void *data);
