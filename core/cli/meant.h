/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * meant - what somebody may have meant who named a source, a module package or a kernel that is
 * not there.  All texts are hints behind an error; who calls frees them.
 */
#include "engine/engine.h"
#include "model/modid.h"

/* " (there is demo-v0.1)": the folder in <source_tree> whose name is similar, else "". */
char *meant_source(const struct engine *e, const struct modid *id);
/*
 * "\nDid you mean hello/1.0?": the registered module package whose name is similar, or the versions
 * of this one, else "".
 */
char *meant_added(const struct engine *e, const struct modid *id);
/* ". Installed: K1, K2": the kernels that have a module tree, else "". */
char *meant_kernel(const struct engine *e);
