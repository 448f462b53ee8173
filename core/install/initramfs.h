/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * initramfs - make a kernel's initramfs anew if a change of modules requires it.
 *
 * With the setting initramfs=auto the image is made anew
 * - if it contains a changed module;
 * - if the generator's configuration, or a script that adds to its images, asks for a changed
 *   module (initramfsconf.h);
 * - if a conf sets REMAKE_INITRD;
 * - if an earlier run has not made an update that was due;
 * - if its content cannot be listed.
 *
 * The generator's own program, e.g. lsinitramfs, lists what an image contains.  The list is cached
 * until the image changes.
 *
 * With initramfs=always the image is made anew after every change of a module; with initramfs=never
 * it is left alone.
 */
#include "install/initramfslook.h"

/*
 * Is there a generator, and does the kernel have an image at a path that the generator writes to?
 */
bool initramfs_exists(const struct engine *e, const char *release);
/*
 * Append the commands that make the kernel's images anew.  The words of a command have a blank
 * between them.  There is no command for INITRAMFS_NONE, or if kernel-install has no kernel image
 * to install.
 */
void initramfs_commands(const struct engine *e, enum initramfs_kind kind, const char *release,
			struct strv *ret);
/*
 * Update the kernel's initramfs if needed.  `names` has the modules whose files changed.  Two other
 * words may be among them: "*" if a conf sets REMAKE_INITRD, PLAN_OWED if an earlier run has not
 * made an update that was due.
 *
 * Returns 1 if the image was made anew.  Returns 0, and logs the reason, if that was not needed or
 * not wanted (initramfs=never), if there is no generator, or if the kernel has no image.
 * -E_INITRAMFS: the generator failed, and err has its first error lines; or kernel-install has no
 * kernel image to install.
 *
 * After success the kernel's mark (tree/pending.h) is deleted, unless another run has changed
 * modules in the meantime.
 */
int initramfs_run(struct engine *e, const char *release, const struct strv *names,
		  struct err *err) MUST_CHECK;
