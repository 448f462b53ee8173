/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modulesuffix - how the modules of a kernel are compressed.
 */
#include "engine/engine.h"
#include "model/kconfig.h"

/*
 * The suffix of the kernel's own modules: "", ".gz", ".xz" or ".zst".  Only modules below kernel/
 * count, because other modules need not be the kernel's.  If there are none, the configuration `c`
 * decides.  If `c` is NULL, the result is "".  Static string.
 */
const char *kernel_module_suffix(const struct engine *e, const char *release,
				 const struct kconfig *c);
