/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * uninstall - the other way round: from the record alone, so it works without source, conf and
 * kernel.
 */
#include "install/change.h"
#include "model/conf.h"

/*
 * Remove what record says is installed and bring its originals back.  A file
 * that is no longer what was installed is left where it is, with a warning,
 * unless it is another build of the same version.  Where a newer file stands
 * in an original's place, that one stays and the archived one goes.  Where it cannot be told what
 * is there nothing is changed.  POST_REMOVE runs after the commit.  The caller runs depmod, then
 * finishes or rolls back.  initramfs: and looks at the kernel's initramfs, which is marked.
 */
int uninstall_run(struct engine *e, const struct target *t, const struct record *record,
		  bool initramfs, struct change *ret, struct err *err) MUST_CHECK;

/* For install.c as well: declare in c that module m's file goes and its original comes back. */
int uninstall_module(struct change *c, struct engine *e, const struct target *t,
		     const struct record_module *m, struct err *err) MUST_CHECK;
/* And that what is kept of t's originals there goes. */
void uninstall_drop_archive(struct change *c, const struct engine *e, const struct target *t,
			    const char *archive);
/* And that our file goes, with the folders that are empty without it. */
void uninstall_delete(struct change *c, const struct engine *e, const struct target *t,
		      const char *path);
