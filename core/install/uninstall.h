/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * uninstall - remove what is installed, by the record alone: source, conf and kernel may be gone.
 */
#include "install/change.h"

/*
 * Remove what the record says is installed, restore its originals, commit, and run POST_REMOVE.
 * The caller finishes the change (change.h) and runs depmod.  If `initramfs` is true, the caller
 * also checks the initramfs, so its mark is set, too.
 *
 * If another file is where our module was installed, the other file stays, with a warning.  Another
 * build of the same version counts as our module.  If another file is where an original has to be
 * restored, the other file stays, and the archived original is deleted.  -errno: the files could
 * not be looked at, and nothing was changed.
 */
int uninstall_run(struct engine *e, const struct target *t, const struct record *record,
		  bool initramfs, struct change *ret, struct err *err) MUST_CHECK;

/* ---- also used by install.c: these functions add operations to c's transaction ---- */

/* Delete the installed file of module `m`, and restore its original. */
int uninstall_module(struct change *c, struct engine *e, const struct target *t,
		     const struct record_module *m, struct err *err) MUST_CHECK;
/* Delete an archived original of t, its .origin file, and the folders that are empty then. */
void uninstall_drop_archive(struct change *c, const struct engine *e, const struct target *t,
			    const char *archive);
/* Delete an installed file, and the folders that are empty then. */
void uninstall_delete(struct change *c, const struct engine *e, const struct target *t,
		      const char *path);
