/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pending - marks in .native/pending: a kernel needs depmod, or perhaps needs a new initramfs.
 *
 * A transaction that changes modules of a kernel sets the mark and writes the id of its run into
 * it.  The mark is deleted after depmod has run, or after the initramfs was checked and, if needed,
 * rebuilt.  If that fails or is killed, the mark stays.  The next run that writes then runs depmod
 * before its survey (depmod_recover()), and plans the initramfs.
 */
#include "engine/treepath.h"

/*
 * Is there a mark that this run or a dead run has set?  For any other mark, the living run that set
 * it does the work.  For PENDING_INITRAMFS, false while an initramfs of the kernel is being made.
 */
bool pending_is_left(const struct engine *e, enum pending_kind kind, const char *release);
/* Append the releases of all kernels for which pending_is_left() is true. */
void pending_left(const struct engine *e, enum pending_kind kind, struct strv *ret);
/*
 * If another run has set the mark and lives, that run will do the work: returns the path of its
 * lock, for the caller to wait for.  Else returns NULL.  Caller frees.
 */
char *pending_awaited(const struct engine *e, const char *mark);
