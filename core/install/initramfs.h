/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfs - make a kernel's initramfs anew if a change of modules requires it.
 *
 * It is required if the image contains a changed module, if the generator's configuration names
 * one, or if a conf sets REMAKE_INITRD.  The generator's own lister tells what an image contains;
 * its answer is cached until the image changes.  If it cannot tell, the image is made anew.
 *
 * That is the setting initramfs=auto.  "always": after every change of a module; "never".
 */
#include "install/initramfslook.h"

/* Is there a generator, and has the kernel an image that this generator made? */
bool initramfs_exists(const struct engine *e, const char *release);
/* Append the command that makes the kernel's image anew; nothing for INITRAMFS_NONE. */
void initramfs_command(const struct engine *e, enum initramfs_kind kind, const char *release,
		       struct strv *argv);
/*
 * Update the kernel's initramfs if needed.  names: the modules whose files changed; "*" stands for
 * REMAKE_INITRD in a conf, PLAN_OWED for an update that an earlier run did not get to.
 *
 * 1: the image was made anew.  0: it was not needed, or there is no generator, or the kernel has no
 * image; the reason is logged.  -E_INITRAMFS: the generator failed; err has its first error lines.
 *
 * The kernel's mark (tree/pending.h) is deleted, unless this failed or another run has changed
 * modules in the meantime.
 */
int initramfs_run(struct engine *e, const char *release, const struct strv *names,
		  struct err *err) MUST_CHECK;
