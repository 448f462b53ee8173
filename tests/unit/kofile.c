/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kofile.h"

#include <elf.h>
#include <string.h>

static void add_string(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(b, "%s=%s", key, value);
	buf_add(b, "", 1);
}

static Elf64_Shdr section(unsigned int name, unsigned int type, size_t at, size_t size)
{
	return (Elf64_Shdr){ .sh_name = name,
			     .sh_type = type,
			     .sh_offset = at,
			     .sh_size = size,
			     .sh_addralign = 1 };
}

void kofile_make(const struct kofile *ko, struct buf *b)
{
	static const char names[] = "\0.modinfo\0.shstrtab";
	AUTO_BUF struct buf info = BUF_INIT;
	Elf64_Ehdr head = { .e_type = (Elf64_Half)ko->type,
			    .e_machine = (Elf64_Half)ko->machine,
			    .e_version = EV_CURRENT,
			    .e_ehsize = sizeof(head),
			    .e_shentsize = sizeof(Elf64_Shdr),
			    .e_shnum = 3,
			    .e_shstrndx = 2 };
	Elf64_Shdr sections[3] = { { 0 } };

	add_string(&info, "version", ko->version);
	add_string(&info, "srcversion", ko->srcversion);
	add_string(&info, "name", ko->name);
	add_string(&info, "vermagic", ko->vermagic);
	add_string(&info, "extra", ko->extra);
	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	head.e_ident[EI_DATA] = ELFDATA2LSB;
	head.e_ident[EI_VERSION] = EV_CURRENT;
	while (info.len % 8)
		buf_add(&info, "", 1);
	head.e_shoff = sizeof(head) + info.len + 24;
	sections[1] = section(1, SHT_PROGBITS, sizeof(head), info.len);
	sections[2] = section(10, SHT_STRTAB, sizeof(head) + info.len, sizeof(names));
	buf_add(b, &head, sizeof(head));
	buf_add(b, info.s, info.len);
	buf_add(b, names, sizeof(names));
	for (size_t i = sizeof(names); i < 24; i++)
		buf_add(b, "", 1);
	buf_add(b, sections, sizeof(sections));
}
