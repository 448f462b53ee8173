/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * elf - one section of an ELF file, of either class and byte order.
 *
 * Nothing in the file is believed: offsets and sizes are checked, a damaged file is -EBADMSG.
 */
#include "base/buf.h"
#include "sys/root.h"

/*
 * Append the content of the first section called name, max bytes at most.
 * -ENOENT: no such file or section; -EBADMSG: no ELF file, damaged, or the section is larger than
 * max.
 */
int elf_read_section(const struct root *r, const char *path, const char *name, size_t max,
		     struct buf *ret) MUST_CHECK;
