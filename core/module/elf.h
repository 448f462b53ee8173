/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * elf - the sections of an ELF file, of either class and byte order.
 *
 * Nothing in the file is believed: it may be damaged, or made to harm who reads it.  Only the
 * headers, the names and the section that is asked for are ever in memory.
 */
#include "base/buf.h"
#include "sys/root.h"

struct elf_section {
	uint32_t name, type;
	uint64_t offset, size;
};

struct elf {
	int fd;			    /* the caller's */
	unsigned int type, machine; /* ET_..., EM_... */
	bool wide;		    /* 64 bit */
	bool whole;		    /* section headers, names and sections lie within the file */
	struct elf_section *sections;
	size_t n;
	struct buf names;
};
#define ELF_INIT                            \
	{                                   \
		.fd = -1, .names = BUF_INIT \
	}
#define AUTO_ELF CLEANUP(elf_release)
void elf_release(struct elf *e);

/*
 * Look at a regular file's headers.  -ENOEXEC: no ELF file; what is damaged is not whole, and has
 * no sections then.
 */
int elf_open(int fd, struct elf *ret) MUST_CHECK;
/* The first section called name; NULL: there is none. */
const struct elf_section *elf_find(const struct elf *e, const char *name);
/* Append the section's content.  -EBADMSG: it is larger than max, or cannot be read. */
int elf_read(const struct elf *e, const struct elf_section *s, size_t max,
	     struct buf *ret) MUST_CHECK;

/*
 * Append the content of path's first section called name, max bytes at most.
 * -ENOENT: no such file or section; -EBADMSG: no ELF file, damaged, or the section is larger than
 * max.
 */
int elf_read_section(const struct root *r, const char *path, const char *name, size_t max,
		     struct buf *ret) MUST_CHECK;
