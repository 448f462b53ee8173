/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * weakmodules - run the weak-modules programs of Enterprise Linux and SUSE, which link our modules
 * into the trees of other kernels with the same ABI.
 *
 *	rhel...:  /usr/sbin/weak-modules --no-initramfs --add-modules
 *	suse...:  /usr/lib/module-init-tools/weak-modules2 --add-kernel-modules K
 *
 * The options --remove-modules and --remove-kernel-modules undo that.  The program gets the
 * installed paths on its standard input.  If it fails, a warning is logged.
 *
 * Nothing is run on other distributions, if the program is missing, or if the setting
 * NO_WEAK_MODULES is true.  The caller checks the conf's directive NO_WEAK_MODULES.
 */
#include "engine/engine.h"
#include "engine/target.h"

enum weak_modules { WEAK_ADD, WEAK_REMOVE };

/* `paths`: the installed files, absolute inside the root.  If there are none, nothing is run. */
void weak_modules_run(const struct engine *e, const struct target *t, enum weak_modules what,
		      const struct strv *paths);
/* The distribution's command; NULL: it has none.  Caller frees.  Pure. */
char *weak_modules_command(const char *distro, enum weak_modules what, const char *release);
