/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * elf - the sections of an ELF file, of either class and byte order.
 *
 * The file may be damaged, or crafted to attack its reader, so every offset and size is checked.
 * Only the section headers, their names and the requested section are read into memory.
 */
#include "base/buf.h"
#include "sys/root.h"

struct elf_section {
	uint32_t name, type;
	uint32_t link; /* index of another section; what it means depends on the type */
	uint64_t offset, size;
};

struct elf {
	int fd;			    /* the caller's */
	unsigned int type, machine; /* ET_..., EM_... */
	bool wide;		    /* 64 bit */
	bool big;		    /* big endian */
	bool whole;		    /* headers, names and sections all lie within the file */
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
 * Read the headers of a regular file.  `fd` must stay open while ret is used; elf_release() does
 * not close it.  -ENOEXEC: not an ELF file.  A damaged file is no error: then ret->whole is false,
 * and ret has no sections.
 */
int elf_open(int fd, struct elf *ret) MUST_CHECK;
/* The number at p, of at most 8 bytes, in the given byte order. */
uint64_t elf_number(bool big, const unsigned char *p, size_t bytes);
/* The first section of that name, NULL if there is none. */
const struct elf_section *elf_find(const struct elf *e, const char *name);
/* Append the section's content.  -EBADMSG: it is larger than `max` bytes, or cannot be read. */
int elf_read(const struct elf *e, const struct elf_section *s, size_t max,
	     struct buf *ret) MUST_CHECK;

/*
 * Append the content of the first section called `name` in the file at `path`.  -ENOENT: there is
 * no such file or section.  -EBADMSG: the file is no ELF file or is damaged, or the section is
 * larger than `max` bytes.  Else -errno.
 */
int elf_read_section(const struct root *r, const char *path, const char *name, size_t max,
		     struct buf *ret) MUST_CHECK;
