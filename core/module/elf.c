/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/elf.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "sys/fd.h"
#include "sys/fs.h"

#define MAX_NAMES (16 * 1024 * 1024)

/* Where the section headers are.  The numbers are those of the ELF header, not checked yet. */
struct elf_layout {
	uint64_t file;	  /* size of the file */
	uint64_t headers; /* offset of the section headers */
	size_t entry, n;  /* size of a header, number of headers */
	size_t names;	  /* index of the section with the names */
};

void elf_release(struct elf *e)
{
	free(e->sections);
	buf_release(&e->names);
	*e = (struct elf)ELF_INIT;
}

uint64_t elf_number(bool big, const unsigned char *p, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | p[big ? i : bytes - 1 - i];
	return n;
}

static bool elf_pread(int fd, void *to, size_t len, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, to, len, (off_t)offset) == (ssize_t)len;
}

/* The value of a member of the Elf32_* or Elf64_* struct at p. */
#define ELF_MEMBER(wide, big, p, type, member)                            \
	((wide) ? elf_number((big), (p) + offsetof(Elf64_##type, member), \
			     sizeof(((Elf64_##type *)0)->member))         \
		: elf_number((big), (p) + offsetof(Elf32_##type, member), \
			     sizeof(((Elf32_##type *)0)->member)))

static bool elf_read_header(struct elf *e, struct elf_layout *l)
{
	unsigned char h[sizeof(Elf64_Ehdr)] = { 0 };

	if (!elf_pread(e->fd, h, sizeof(Elf32_Ehdr), 0) || memcmp(h, ELFMAG, SELFMAG) != 0)
		return false;
	e->wide = h[EI_CLASS] == ELFCLASS64;
	e->big = h[EI_DATA] == ELFDATA2MSB;
	if (e->wide && !elf_pread(e->fd, h, sizeof(Elf64_Ehdr), 0))
		return false;
	e->type = (unsigned int)ELF_MEMBER(e->wide, e->big, h, Ehdr, e_type);
	e->machine = (unsigned int)ELF_MEMBER(e->wide, e->big, h, Ehdr, e_machine);
	l->headers = ELF_MEMBER(e->wide, e->big, h, Ehdr, e_shoff);
	l->entry = ELF_MEMBER(e->wide, e->big, h, Ehdr, e_shentsize);
	l->n = ELF_MEMBER(e->wide, e->big, h, Ehdr, e_shnum);
	l->names = ELF_MEMBER(e->wide, e->big, h, Ehdr, e_shstrndx);
	return true;
}

static bool elf_is_within(const struct elf_layout *l, uint64_t offset, uint64_t size)
{
	return offset <= l->file && size <= l->file - offset;
}

static bool elf_add_section(struct elf *e, const struct elf_layout *l, const unsigned char *h)
{
	struct elf_section s = {
		.name = (uint32_t)ELF_MEMBER(e->wide, e->big, h, Shdr, sh_name),
		.type = (uint32_t)ELF_MEMBER(e->wide, e->big, h, Shdr, sh_type),
		.link = (uint32_t)ELF_MEMBER(e->wide, e->big, h, Shdr, sh_link),
		.offset = ELF_MEMBER(e->wide, e->big, h, Shdr, sh_offset),
		.size = ELF_MEMBER(e->wide, e->big, h, Shdr, sh_size),
	};

	e->sections[e->n++] = s;
	return s.type == SHT_NULL || s.type == SHT_NOBITS || elf_is_within(l, s.offset, s.size);
}

/* The number of headers has 16 bits, so no file makes us allocate more than 4 MiB for headers. */
static bool elf_read_sections(struct elf *e, const struct elf_layout *l)
{
	size_t entry = e->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	AUTO_FREE char *headers = NULL;

	if (l->entry != entry || l->names >= l->n || !elf_is_within(l, l->headers, l->n * entry))
		return false;
	headers = xmalloc(l->n * entry);
	if (!elf_pread(e->fd, headers, l->n * entry, l->headers))
		return false;
	e->sections = xcalloc(l->n, sizeof(*e->sections));
	for (size_t i = 0; i < l->n; i++) {
		if (!elf_add_section(e, l, (unsigned char *)headers + i * entry))
			return false;
	}
	return e->sections[l->names].type == SHT_STRTAB &&
	       elf_read(e, &e->sections[l->names], MAX_NAMES, &e->names) == 0;
}

int elf_open(int fd, struct elf *ret)
{
	struct elf e = ELF_INIT;
	struct elf_layout l = { 0 };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	e.fd = fd;
	l.file = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	if (!elf_read_header(&e, &l))
		return -ENOEXEC;
	e.whole = elf_read_sections(&e, &l);
	if (!e.whole) {
		free(TAKE(e.sections));
		e.n = 0;
	}
	*ret = e;
	return 0;
}

const struct elf_section *elf_find(const struct elf *e, const char *name)
{
	for (size_t i = 1; i < e->n; i++) {
		/* A struct buf ends with a NUL, so strcmp() stops even at a name without a NUL. */
		if (e->sections[i].name < e->names.len &&
		    strcmp(e->names.s + e->sections[i].name, name) == 0)
			return &e->sections[i];
	}
	return NULL;
}

int elf_read(const struct elf *e, const struct elf_section *s, size_t max, struct buf *ret)
{
	AUTO_FREE char *data = NULL;

	if (s->type == SHT_NOBITS || s->size > max)
		return -EBADMSG;
	data = xmalloc(s->size);
	if (!elf_pread(e->fd, data, s->size, s->offset))
		return -EBADMSG;
	buf_add(ret, data, s->size);
	return 0;
}

int elf_read_section(const struct root *r, const char *path, const char *name, size_t max,
		     struct buf *ret)
{
	AUTO_FD int fd = fs_open_file(r, path, 0);
	AUTO_ELF struct elf e = ELF_INIT;
	const struct elf_section *s;

	if (fd < 0)
		return fd;
	if (elf_open(fd, &e) < 0 || !e.whole)
		return -EBADMSG;
	s = elf_find(&e, name);
	return s ? elf_read(&e, s, max, ret) : -ENOENT;
}
