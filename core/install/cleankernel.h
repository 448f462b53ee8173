/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cleankernel - what is left in the tree of a kernel that its package removed.
 *
 * Our modules are uninstalled by then; what depmod wrote (modules.*, which no
 * package owns) and empty folders remain.  A tree in which anything else is
 * left keeps that, and its folders.
 */
#include "base/error.h"
#include "engine/engine.h"

/* Is anything there that clean_kernel() would take away: depmod's files or marks, an empty tree? */
bool clean_is_needed(const struct engine *e, const char *release);
/* A missing tree is success. */
int clean_kernel(struct engine *e, const char *release, struct err *err) MUST_CHECK;
