/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * meant - what a person may have meant by a source, a module package or a kernel that is not there.
 * Each text is a hint to put after an error's text; the caller frees it.
 */
#include "engine/engine.h"
#include "model/modid.h"

/* " (there is demo-v0.1)": the folder in <source_tree> that may be meant, else "". */
char *meant_source(const struct engine *e, const struct modid *id);
/*
 * If several versions of id->name are registered: "\nVersions of hello: 1.0, 1.1."  If only one is,
 * or a module package with a similar name: "\nDid you mean hello/1.0?"  Else "".
 */
char *meant_added(const struct engine *e, const struct modid *id);
/* ". Installed: K1, K2": the kernels that have a module tree; "" if there are none. */
char *meant_kernel(const struct engine *e);
