/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * pending - marks in .native/pending: depmod or an initramfs is still to be run for a kernel.
 *
 * The transaction that changes modules of the kernel sets the mark, which contains the id of its
 * run.  The mark is deleted after depmod has run, or after the initramfs was checked and, if
 * needed, rebuilt.  If that fails or is killed, the next survey sees the mark and it is planned
 * again.
 */
#include "engine/treepath.h"

/*
 * Is there a mark that this run or a dead one has set, and for an initramfs: is none being made?
 * A living run does the work for its own mark.
 */
bool pending_is_left(const struct engine *e, enum pending_kind kind, const char *release);
/* Append the releases of all kernels for which pending_is_left() is true. */
void pending_left(const struct engine *e, enum pending_kind kind, struct strv *ret);
/*
 * If another run, which is alive, has set the mark and will do the work: the path of that run's
 * lock, to wait for.  Else NULL.  Caller frees.
 */
char *pending_awaited(const struct engine *e, const char *mark);
