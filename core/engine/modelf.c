/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/modinfo.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "sys/fs.h"

/* Both classes and byte orders through one pair of readers. */
struct elf {
	const unsigned char *data;
	uint64_t size;
	bool big, wide;
};

static uint64_t elf_get(const struct elf *e, uint64_t at, unsigned int bytes)
{
	uint64_t v = 0;

	if (at > e->size || bytes > e->size - at)
		return 0;
	for (unsigned int i = 0; i < bytes; i++)
		v = v << 8 | e->data[at + (e->big ? i : bytes - 1 - i)];
	return v;
}

#define ELF_FIELD(e, base, wide_type, narrow_type, field)                \
	((e)->wide ? elf_get((e), (base) + offsetof(wide_type, field),   \
			     sizeof(((wide_type *)0)->field))            \
		   : elf_get((e), (base) + offsetof(narrow_type, field), \
			     sizeof(((narrow_type *)0)->field)))
#define EHDR(e, field)	   ELF_FIELD(e, 0, Elf64_Ehdr, Elf32_Ehdr, field)
#define SHDR(e, at, field) ELF_FIELD(e, at, Elf64_Shdr, Elf32_Shdr, field)

static bool elf_within(const struct elf *e, uint64_t at, uint64_t len)
{
	return at <= e->size && len <= e->size - at;
}

static bool elf_name_is(const struct elf *e, uint64_t at, const char *name)
{
	size_t len = strlen(name) + 1;

	return elf_within(e, at, len) && !memcmp(e->data + at, name, len);
}

static void elf_sections(const struct elf *e, struct modelf *ret)
{
	uint64_t shoff = EHDR(e, e_shoff), entsize = EHDR(e, e_shentsize);
	uint64_t n = EHDR(e, e_shnum), strndx = EHDR(e, e_shstrndx), names;

	if (!n || entsize < (e->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)) ||
	    !elf_within(e, shoff, n * entsize) || strndx >= n)
		return;
	names = SHDR(e, shoff + strndx * entsize, sh_offset);
	ret->whole = true;
	for (uint64_t i = 1; i < n; i++) {
		uint64_t at = shoff + i * entsize;

		if (SHDR(e, at, sh_type) != SHT_NOBITS &&
		    !elf_within(e, SHDR(e, at, sh_offset), SHDR(e, at, sh_size)))
			ret->whole = false;
		if (elf_name_is(e, names + SHDR(e, at, sh_name), ".modinfo"))
			ret->has_modinfo = true;
	}
}

int modelf_read(const struct root *r, const char *path, struct modelf *ret)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct elf e = { 0 };
	int rc = fs_read(r, path, 1U << 30, &b);

	if (rc < 0)
		return rc;
	if (b.len < sizeof(Elf32_Ehdr) || memcmp(b.s, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	e.data = (const unsigned char *)b.s;
	e.size = b.len;
	e.wide = b.s[EI_CLASS] == ELFCLASS64;
	e.big = b.s[EI_DATA] == ELFDATA2MSB;
	*ret = (struct modelf){ .machine = (unsigned int)EHDR(&e, e_machine),
				.relocatable = EHDR(&e, e_type) == ET_REL,
				.bits = e.wide ? 64 : 32 };
	elf_sections(&e, ret);
	return 0;
}

static const struct {
	const char *arch;
	unsigned int machine;
	const char *text;
} machines[] = {
	{ "x86_64", EM_X86_64, "x86-64" },
	{ "amd64", EM_X86_64, "x86-64" },
	{ "ia32e", EM_X86_64, "x86-64" },
	{ "i386", EM_386, "x86 (32 bit)" },
	{ "i486", EM_386, "x86 (32 bit)" },
	{ "i586", EM_386, "x86 (32 bit)" },
	{ "i686", EM_386, "x86 (32 bit)" },
	{ "aarch64", EM_AARCH64, "ARM (64 bit)" },
	{ "arm64", EM_AARCH64, "ARM (64 bit)" },
	{ "armv7l", EM_ARM, "ARM (32 bit)" },
	{ "armv7hl", EM_ARM, "ARM (32 bit)" },
	{ "armhf", EM_ARM, "ARM (32 bit)" },
	{ "armv6l", EM_ARM, "ARM (32 bit)" },
	{ "ppc64", EM_PPC64, "PowerPC (64 bit)" },
	{ "ppc64le", EM_PPC64, "PowerPC (64 bit)" },
	{ "ppc", EM_PPC, "PowerPC (32 bit)" },
	{ "s390x", EM_S390, "S/390" },
	{ "riscv64", EM_RISCV, "RISC-V" },
	{ "riscv32", EM_RISCV, "RISC-V" },
	{ "mips", EM_MIPS, "MIPS" },
	{ "mips64", EM_MIPS, "MIPS" },
	{ "sparc64", EM_SPARCV9, "SPARC (64 bit)" },
	{ "ia64", EM_IA_64, "IA-64" },
	{ "loongarch64", 258, "LoongArch" },
};

unsigned int modelf_machine(const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (!strcmp(machines[i].arch, arch))
			return machines[i].machine;
	return 0;
}

const char *modelf_machine_text(unsigned int machine)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		if (machines[i].machine == machine)
			return machines[i].text;
	return "another machine";
}
