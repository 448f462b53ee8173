/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "madeko.h"

#include <elf.h>
#include <string.h>

#define SECTIONS 16

struct maker {
	struct buf *out;
	Elf64_Shdr sections[SECTIONS];
	size_t n;
	struct buf names, strings, symbols;
};

static size_t add_section(struct maker *m, const char *name, unsigned int type, const void *data,
			  size_t len)
{
	Elf64_Shdr h = { .sh_name = (Elf64_Word)m->names.len,
			 .sh_type = type,
			 .sh_offset = m->out->len,
			 .sh_size = len,
			 .sh_addralign = 1 };

	buf_add(&m->names, name, strlen(name) + 1);
	buf_add(m->out, data, len);
	m->sections[m->n] = h;
	return m->n++;
}

static void add_symbol(struct maker *m, const char *prefix, const char *name, unsigned int bind,
		       size_t section, uint64_t value)
{
	Elf64_Sym s = { .st_name = (Elf64_Word)m->strings.len,
			.st_info = ELF64_ST_INFO(bind, STT_NOTYPE),
			.st_shndx = (Elf64_Section)section,
			.st_value = value };

	buf_adds(&m->strings, prefix);
	buf_add(&m->strings, name, strlen(name) + 1);
	buf_add(&m->symbols, &s, sizeof(s));
}

static void add_info(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(b, "%s=%s", key, value);
	buf_add(b, "", 1);
}

static void add_version(struct buf *b, const char *name, uint64_t crc)
{
	char text[56] = "";

	memcpy(text, name, strnlen(name, sizeof(text) - 1));
	buf_add(b, &crc, sizeof(crc));
	buf_add(b, text, sizeof(text));
}

static void add_needs(struct maker *m, const struct madeko *ko)
{
	AUTO_BUF struct buf versions = BUF_INIT;

	for (const struct madeko_symbol *s = ko->needs; s && s->name; s++) {
		if (s->crc)
			add_version(&versions, s->name, s->crc);
		if (strcmp(s->name, "module_layout") != 0)
			add_symbol(m, "", s->name, s->weak ? STB_WEAK : STB_GLOBAL, SHN_UNDEF, 0);
	}
	if (!ko->no_versions)
		add_section(m, "__versions", SHT_PROGBITS, versions.s, versions.len);
}

static void add_exports(struct maker *m, const struct madeko *ko)
{
	AUTO_BUF struct buf strings = BUF_INIT, crcs = BUF_INIT;
	size_t all = add_section(m, "__ksymtab", SHT_PROGBITS, "", 1);
	size_t gpl = add_section(m, "__ksymtab_gpl", SHT_PROGBITS, "", 1);
	size_t at_crcs, at_strings;

	for (const struct madeko_symbol *s = ko->exports; s && s->name; s++) {
		buf_add(&crcs, &s->crc, sizeof(s->crc));
		buf_adds(&strings, s->ns ? s->ns : "");
		buf_add(&strings, "", 1);
	}
	at_crcs = add_section(m, "__kcrctab", SHT_PROGBITS, crcs.s, crcs.len);
	at_strings = add_section(m, "__ksymtab_strings", SHT_PROGBITS, strings.s, strings.len);
	crcs.len = strings.len = 0;
	for (const struct madeko_symbol *s = ko->exports; s && s->name; s++) {
		add_symbol(m, "__ksymtab_", s->name, STB_LOCAL, s->gpl ? gpl : all, 0);
		add_symbol(m, "__crc_", s->name, STB_LOCAL, at_crcs, crcs.len);
		add_symbol(m, "__kstrtabns_", s->name, STB_LOCAL, at_strings, strings.len);
		crcs.len += sizeof(s->crc);
		strings.len += strlen(s->ns ? s->ns : "") + 1;
	}
}

static void add_build_id(struct maker *m, const char *id)
{
	AUTO_BUF struct buf note = BUF_INIT;
	const uint32_t head[3] = { 4, (uint32_t)strlen(id), 3 };

	buf_add(&note, head, sizeof(head));
	buf_add(&note, "GNU", 4);
	buf_adds(&note, id);
	add_section(m, ".note.gnu.build-id", SHT_NOTE, note.s, note.len);
}

static void add_tables(struct maker *m, const struct madeko *ko)
{
	size_t strings = add_section(m, ".strtab", SHT_STRTAB, m->strings.s, m->strings.len), at;

	if (ko->no_symbols)
		return;
	at = add_section(m, ".symtab", SHT_SYMTAB, m->symbols.s, m->symbols.len);
	m->sections[at].sh_link = (Elf64_Word)strings;
	m->sections[at].sh_entsize = sizeof(Elf64_Sym);
}

void madeko_make(const struct madeko *ko, struct buf *ret)
{
	AUTO_BUF struct buf info = BUF_INIT, file = BUF_INIT;
	struct maker m = {
		.out = &file, .n = 1, .names = BUF_INIT, .strings = BUF_INIT, .symbols = BUF_INIT
	};
	Elf64_Ehdr h = { .e_type = ET_REL,
			 .e_machine = (Elf64_Half)(ko->machine ? ko->machine : EM_X86_64),
			 .e_version = EV_CURRENT,
			 .e_ehsize = sizeof(h),
			 .e_shentsize = sizeof(Elf64_Shdr) };
	size_t names;

	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	h.e_ident[EI_VERSION] = EV_CURRENT;
	buf_add(&file, &h, sizeof(h));
	buf_add(&m.names, "", 1);
	buf_add(&m.strings, "", 1);
	add_symbol(&m, "", "", 0, 0, 0);
	add_info(&info, "license", ko->license);
	add_info(&info, "import_ns", ko->import);
	add_info(&info, "vermagic", ko->vermagic);
	add_section(&m, ".modinfo", SHT_PROGBITS, info.s, info.len);
	if (!ko->no_module)
		add_section(&m, ".gnu.linkonce.this_module", SHT_PROGBITS, "module", 6);
	if (ko->id)
		add_build_id(&m, ko->id);
	add_needs(&m, ko);
	if (ko->exports)
		add_exports(&m, ko);
	add_tables(&m, ko);
	names = add_section(&m, ".shstrtab", SHT_STRTAB, "", 0);
	m.sections[names].sh_size = m.names.len;
	buf_add(&file, m.names.s, m.names.len);
	h.e_shoff = file.len;
	h.e_shnum = (Elf64_Half)m.n;
	h.e_shstrndx = (Elf64_Half)names;
	memcpy(file.s, &h, sizeof(h));
	buf_add(&file, m.sections, m.n * sizeof(*m.sections));
	buf_add(ret, file.s, file.len);
	buf_release(&m.names);
	buf_release(&m.strings);
	buf_release(&m.symbols);
}
