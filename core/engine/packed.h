/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * packed - what is in a compressed module.
 *
 * gzip(1), xz(1) or zstd(1) unpack it, in a child with a time limit, and no file may become
 * larger than modules do: a few bytes that stand for gigabytes cost 16 MiB.
 */
#include "base/util.h"

/*
 * Which of the programs made the regular file is seen by its first bytes.  ret: its content as a
 * descriptor of its own, -1 when it is not compressed.  -E_TOOL_MISSING: the program is not there;
 * -ENOEXEC: the file is damaged; -EFBIG, -E_TIMEOUT, -E_INTERRUPTED, -errno.
 */
int packed_open(int fd, int *ret) MUST_CHECK;
/* What a file of that size may unpack to.  Pure. */
uint64_t packed_limit(uint64_t size);
