/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modinfo - what a module file says about itself, and which file the loader would take.
 *
 * Whatever lies in a kernel's tree, in an archive or in a build folder comes here: the readers are
 * our own, elf.h and modindex.h, because libkmod ends the process at a damaged file, and
 * packed.h for what is compressed.
 */
#include "base/buf.h"
#include "sys/root.h"

struct modinfo {
	char *name;	  /* "name=" of .modinfo, NULL when it has none (very old kernels) */
	char *version;	  /* MODULE_VERSION, "" when absent */
	char *srcversion; /* "" when absent */
	char *vermagic;	  /* whole string, "" when absent */
};
#define AUTO_MODINFO CLEANUP(modinfo_release)

void modinfo_release(struct modinfo *info);
/*
 * -ENOENT, -EACCES; -EINVAL or -ENOEXEC when it is no module that can be read; what packed_open()
 * says of one that is compressed.
 */
int modinfo_read(const struct root *r, const char *path, struct modinfo *ret) MUST_CHECK;
/* First word of vermagic: the kernel release it was built for; caller frees. */
char *modinfo_release_word(const struct modinfo *info);

/* A kernel's modules.dep.bin, for several look-ups. */
struct modinfo_index {
	struct buf data;
	char *folder; /* of the kernel tree, without links */
};
#define MODINFO_INDEX_INIT       \
	{                        \
		.data = BUF_INIT \
	}
#define AUTO_MODINFO_INDEX CLEANUP(modinfo_index_release)
void modinfo_index_release(struct modinfo_index *ix);
/* folder: an absolute path inside the root, "/lib/modules/K".  -ENOENT: there is none. */
int modinfo_index_read(const struct root *r, const char *folder,
		       struct modinfo_index *ret) MUST_CHECK;
/* As modinfo_lookup(). */
int modinfo_index_find(const struct modinfo_index *ix, const char *name, char **ret) MUST_CHECK;

/*
 * Where the loader finds module name in the kernel tree folder (an absolute path inside the root,
 * "/lib/modules/K"), by its modules.dep.bin.  Caller frees.  -ENOENT: it does not find it;
 * -EBADMSG: the index is damaged.
 */
int modinfo_lookup(const struct root *r, const char *folder, const char *name,
		   char **ret) MUST_CHECK;

/* An uncompressed module as an ELF file. */
struct modelf {
	unsigned int machine; /* EM_... */
	bool relocatable;     /* ET_REL, as every module is */
	bool whole;	      /* section headers and sections lie within the file */
	bool has_modinfo;     /* has a .modinfo section */
	int bits;	      /* 32 or 64 */
};
/* -ENOEXEC: no ELF at all (an empty file, too). */
int modelf_read(const struct root *r, const char *path, struct modelf *ret) MUST_CHECK;
/* EM_... for an architecture as DKMS or uname names it; 0: not known here. */
unsigned int modelf_machine(const char *arch);
/* "x86-64", "ARM (64 bit)" ...; static. */
const char *modelf_machine_text(unsigned int machine);
