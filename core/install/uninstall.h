/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * uninstall - remove what is installed, by the record alone: source, conf and kernel may be gone.
 */
#include "install/change.h"

/*
 * Remove what the record says is installed, restore its originals, commit, and run POST_REMOVE. The
 * caller runs depmod, then finishes or rolls back (change.h).  initramfs: set the initramfs's mark,
 * too, because the caller checks it.
 *
 * A file that is no longer the one that was installed stays, with a warning; another build of the
 * same version counts as ours.  If a newer file stands where an original was, it stays, and the
 * archived original is deleted.  -errno, with nothing changed, if the files cannot be looked at.
 */
int uninstall_run(struct engine *e, const struct target *t, const struct record *record,
		  bool initramfs, struct change *ret, struct err *err) MUST_CHECK;

/* ---- also for install.c: add to c's transaction ---- */

/* Delete the installed file of m, and restore its original. */
int uninstall_module(struct change *c, struct engine *e, const struct target *t,
		     const struct record_module *m, struct err *err) MUST_CHECK;
/* Delete an archived original of t, its .origin file, and the folders that are empty then. */
void uninstall_drop_archive(struct change *c, const struct engine *e, const struct target *t,
			    const char *archive);
/* Delete an installed file, and the folders that are empty then. */
void uninstall_delete(struct change *c, const struct engine *e, const struct target *t,
		      const char *path);
