/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * cleankernel - clean up the tree of a kernel whose package was removed.
 *
 * The caller first uninstalls our modules.  clean_kernel() then removes the files of depmod, which
 * no package owns, and empty folders.  Other files stay, and so do the folders that contain them.
 */
#include "base/error.h"
#include "engine/engine.h"

/*
 * Is there anything for clean_kernel() to remove: marks, files of depmod, or a tree that has only
 * folders?
 */
bool clean_is_needed(const struct engine *e, const char *release);
/*
 * Delete the kernel's marks (tree/pending.h), the files of depmod and empty folders, as one
 * transaction.  A missing tree is no error.
 */
int clean_kernel(struct engine *e, const char *release, struct err *err) MUST_CHECK;
