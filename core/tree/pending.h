/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pending - marks in .native/pending: a kernel needs depmod, or perhaps a new initramfs.
 *
 * The transaction that changes modules of the kernel sets the mark, which contains the id of its
 * run.  The mark is deleted after depmod has run, or after the initramfs was checked and, if
 * needed, rebuilt.  If depmod or the new initramfs fails or is killed, the mark stays.  The next
 * run that writes then runs depmod before its survey (depmod_recover()), and plans the initramfs.
 */
#include "engine/treepath.h"

/*
 * Is there a mark whose work no other run will do?  That is a mark that this run or a dead run has
 * set, because a living run does the work of its own marks.  For PENDING_INITRAMFS: false while an
 * initramfs of the kernel is being made.
 */
bool pending_is_left(const struct engine *e, enum pending_kind kind, const char *release);
/* Append the releases of all kernels for which pending_is_left() is true. */
void pending_left(const struct engine *e, enum pending_kind kind, struct strv *ret);
/*
 * If another, living run has set the mark, that run will do the work.  Returns the path of its
 * lock, for the caller to wait for; else NULL.  Caller frees.
 */
char *pending_awaited(const struct engine *e, const char *mark);
