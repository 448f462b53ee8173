/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * statefile - a file of the dkms tree, read as if an enemy had written it.
 *
 * Here ends what can be wrong with the file itself: a fifo, a folder, a device, a file of any size,
 * and with strict_modes one that others can write (trust.h).
 * What is in it is then for the one reader of its format (record.h, ledger.h, lines.h), and whoever
 * asked for it goes on without what those refuse.
 */
#include "base/buf.h"
#include "base/error.h"
#include "engine/engine.h"

/*
 * Append the file's bytes; NUL bytes may be among them.  -ENOENT: none; -E_CORRUPT, with the path
 * in err: this can be no file of ours; else -errno, the same.
 */
int statefile_read(const struct engine *e, const char *path, size_t max, struct buf *ret,
		   struct err *err) MUST_CHECK;
