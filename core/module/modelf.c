/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "module/modinfo.h"

#include <elf.h>
#include <string.h>

#include "module/elf.h"
#include "sys/fd.h"
#include "sys/fs.h"

int modelf_read(const struct root *r, const char *path, struct modelf *ret)
{
	AUTO_FD int fd = fs_open_file(r, path, 0);
	AUTO_ELF struct elf e = ELF_INIT;
	int rc = fd < 0 ? fd : elf_open(fd, &e);

	if (rc < 0)
		return rc;
	*ret = (struct modelf){ .machine = e.machine,
				.relocatable = e.type == ET_REL,
				.whole = e.whole,
				.has_modinfo = elf_find(&e, ".modinfo") != NULL,
				.bits = e.wide ? 64 : 32 };
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
