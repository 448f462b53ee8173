/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfs - refresh a kernel's initramfs, when that is needed and by whatever makes it here.
 *
 * Needed: the image has a module of a name that changed, the generator's configuration names one,
 * or a conf says REMAKE_INITRD.  What an image holds is asked of the
 * generator's own lister, once until the image changes; where that cannot tell, the image is made
 * anew.
 * The setting "initramfs" is auto (that), always (whenever a module changed) or never.
 */
#include "install/initramfslook.h"

/* Is there a generator, and any such image? */
bool initramfs_exists(const struct engine *e, const char *release);
/* The command that makes the image anew. */
void initramfs_command(const struct engine *e, enum initramfs_kind kind, const char *release,
		       struct strv *argv);
/*
 * Must the image be made anew because modules of names changed?  ret_why: reason
 * for people, NULL when not; caller frees.  "*" in names: REMAKE_INITRD; PLAN_OWED:
 * an earlier run did not come to it.
 */
bool initramfs_needed(const struct engine *e, enum initramfs_kind kind, const char *release,
		      const struct strv *names, char **ret_why);
/*
 * The step: decide, and make it: 1.  Not needed, no generator, or no image of this kernel: said, 0.
 * -E_INITRAMFS with the generator's last lines.  Whatever it was, the mark goes (pending.h), unless
 * it failed or another run has changed modules meanwhile.
 */
int initramfs_run(struct engine *e, const char *release, const struct strv *names,
		  struct err *err) MUST_CHECK;
