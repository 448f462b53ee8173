/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * statefile - read a file of the dkms tree as if an enemy had written it.
 *
 * statefile_read() refuses a fifo, folder or device, a file that is too large and, with
 * strict_modes, a file that others can write (trust.h).  The parser of the file's format (record.h,
 * ledger.h, lines.h) refuses bad content.  The caller goes on without what was refused.
 */
#include "base/buf.h"
#include "base/error.h"
#include "engine/engine.h"

/*
 * Append the file's content, which may hold NULs, to *ret.  -ENOENT: there is no file; -E_CORRUPT:
 * the file is refused, see above; else -errno.  Except for -ENOENT, err names the path.
 */
int statefile_read(const struct engine *e, const char *path, size_t max, struct buf *ret,
		   struct err *err) MUST_CHECK;
