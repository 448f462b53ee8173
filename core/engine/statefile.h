/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * statefile - read a file of the dkms tree as if an enemy had written it.
 *
 * This catches what can be wrong with the file itself: it is a fifo, folder or device, too large,
 * or with strict_modes writable by others (trust.h).  The content is checked by the one reader of
 * its format (record.h, ledger.h, lines.h); callers go on without what either refuses.
 */
#include "base/buf.h"
#include "base/error.h"
#include "engine/engine.h"

/*
 * Append the file's content, which may hold NULs.  -ENOENT: there is no file; -E_CORRUPT: it is not
 * one that we wrote, or others can write it; else -errno.  Except for -ENOENT, err names the path.
 */
int statefile_read(const struct engine *e, const char *path, size_t max, struct buf *ret,
		   struct err *err) MUST_CHECK;
