/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * packed - unpack a compressed module.
 *
 * gzip(1), xz(1) or zstd(1) does it, as a child with a time limit.  packed_limit() bounds the
 * output: a file of a few bytes that would unpack to gigabytes costs 16 MiB.
 */
#include "base/util.h"

/*
 * Unpack the regular file that fd has open.  Its first bytes tell which program unpacks it.  *ret
 * is a new descriptor of the unpacked content, which the caller closes, or -1 if the file is not
 * compressed.
 *
 * -E_TOOL_MISSING: the program is not installed; -ENOEXEC: the program failed, e.g. on a damaged
 * file; -EFBIG: the content is over the limit; else -E_TIMEOUT, -E_INTERRUPTED or -errno.
 */
int packed_open(int fd, int *ret) MUST_CHECK;
/* How many bytes a file may unpack to: 16 MiB + 100 * size, at most 512 MiB.  Pure. */
uint64_t packed_limit(uint64_t size);
