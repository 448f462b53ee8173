/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

#define MAX_NAMES (1024 * 1024)

struct elf {
	int fd;
	bool wide, big;
	uint64_t headers; /* offset of the section headers */
	size_t size, n;	  /* of one of them, how many */
	size_t names;	  /* index of the one with the names */
};

struct section {
	uint32_t name;
	uint64_t offset, size;
};

static uint64_t number(const struct elf *e, const unsigned char *p, size_t bytes)
{
	uint64_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | p[e->big ? i : bytes - 1 - i];
	return n;
}

static bool read_at(int fd, void *to, size_t len, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, to, len, (off_t)offset) == (ssize_t)len;
}

/* A member of the file's Elf32_* or Elf64_* struct. */
#define MEMBER(e, p, type, member)                                     \
	((e)->wide ? number((e), (p) + offsetof(Elf64_##type, member), \
			    sizeof(((Elf64_##type *)0)->member))       \
		   : number((e), (p) + offsetof(Elf32_##type, member), \
			    sizeof(((Elf32_##type *)0)->member)))

static bool read_header(struct elf *e)
{
	unsigned char h[sizeof(Elf64_Ehdr)] = { 0 };

	if (!read_at(e->fd, h, sizeof(Elf32_Ehdr), 0) || memcmp(h, ELFMAG, SELFMAG) != 0)
		return false;
	e->wide = h[EI_CLASS] == ELFCLASS64;
	e->big = h[EI_DATA] == ELFDATA2MSB;
	if (e->wide && !read_at(e->fd, h, sizeof(Elf64_Ehdr), 0))
		return false;
	e->headers = MEMBER(e, h, Ehdr, e_shoff);
	e->size = MEMBER(e, h, Ehdr, e_shentsize);
	e->n = MEMBER(e, h, Ehdr, e_shnum);
	e->names = MEMBER(e, h, Ehdr, e_shstrndx);
	return e->size == (e->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)) && e->names < e->n;
}

static bool read_section(const struct elf *e, size_t i, struct section *ret)
{
	unsigned char h[sizeof(Elf64_Shdr)];
	uint64_t offset;

	if (__builtin_add_overflow(e->headers, i * e->size, &offset) ||
	    !read_at(e->fd, h, e->size, offset))
		return false;
	ret->name = (uint32_t)MEMBER(e, h, Shdr, sh_name);
	ret->offset = MEMBER(e, h, Shdr, sh_offset);
	ret->size = MEMBER(e, h, Shdr, sh_size);
	return true;
}

static bool read_content(const struct elf *e, const struct section *s, size_t max, struct buf *ret)
{
	AUTO_FREE char *data = NULL;

	if (s->size > max)
		return false;
	data = xmalloc(s->size);
	if (!read_at(e->fd, data, s->size, s->offset))
		return false;
	buf_add(ret, data, s->size);
	return true;
}

static int find(struct elf *e, const char *name, size_t max, struct buf *ret)
{
	AUTO_BUF struct buf names = BUF_INIT;
	struct section s;

	if (!read_header(e) || !read_section(e, e->names, &s) ||
	    !read_content(e, &s, MAX_NAMES, &names))
		return -EBADMSG;
	for (size_t i = 0; i < e->n; i++) {
		if (!read_section(e, i, &s))
			return -EBADMSG;
		if (s.name < names.len && strcmp(names.s + s.name, name) == 0)
			return read_content(e, &s, max, ret) ? 0 : -EBADMSG;
	}
	return -ENOENT;
}

int elf_read_section(const struct root *r, const char *path, const char *name, size_t max,
		     struct buf *ret)
{
	struct elf e = { .fd = root_openat(r, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0) };
	int code;

	if (e.fd < 0)
		return e.fd;
	code = find(&e, name, max, ret);
	close(e.fd);
	return code;
}
