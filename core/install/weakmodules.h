/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * weakmodules - the weak-modules programs of Enterprise Linux and SUSE, which link our modules
 * into other kernels of the same ABI.
 *
 *	rhel...:  /usr/sbin/weak-modules --no-initramfs --add-modules
 *	suse...:  /usr/lib/module-init-tools/weak-modules2 --add-kernel-modules K
 *
 * (--remove-modules, --remove-kernel-modules the other way), with the installed paths on standard
 * input.  Not called where the program is not there, on another distribution, or with the setting
 * or directive NO_WEAK_MODULES.  A failure is a warning.
 */
#include "engine/engine.h"
#include "engine/target.h"

enum weak_modules { WEAK_ADD, WEAK_REMOVE };

/* paths: absolute inside the root; with none nothing is called. */
void weak_modules_run(const struct engine *e, const struct target *t, enum weak_modules what,
		      const struct strv *paths);
/* The command for a distribution, NULL: it has none.  Pure; caller frees. */
char *weak_modules_command(const char *distro, enum weak_modules what, const char *release);
