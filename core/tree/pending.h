/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pending - what a kernel is owed: marks in .native/pending.
 *
 * A mark is put there by the transaction that changes modules of the kernel, and holds the id of
 * its run.  It goes when depmod has run, or when the kernel's initramfs has been looked at and made
 * anew if need be.  So what failed, was interrupted or killed is known to the next survey, which
 * plans it again.
 */
#include "engine/treepath.h"

/* Is the mark there, and set by this run, or by one that is dead? */
bool pending_is_left(const struct engine *e, enum pending_kind kind, const char *release);
/* Append the releases of all kernels for which pending_is_left(). */
void pending_left(const struct engine *e, enum pending_kind kind, struct strv *ret);
/*
 * A mark holds the id of the run that set it.  If that is another run, which is alive and will do
 * what is pending itself: the path of its lock, which the caller frees; else NULL.
 */
char *pending_awaited(const struct engine *e, const char *mark);
