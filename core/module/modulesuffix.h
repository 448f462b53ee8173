/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modulesuffix - how a kernel's modules are compressed.
 */
#include "engine/engine.h"
#include "model/kconfig.h"

/*
 * "", ".gz", ".xz" or ".zst": how the kernel's own modules are compressed.  Only those
 * below kernel/ are asked, so that one foreign module decides nothing; without any, the
 * configuration c (may be NULL) does.  Static string.
 */
const char *kernel_module_suffix(const struct engine *e, const char *release,
				 const struct kconfig *c);
