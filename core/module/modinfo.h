/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * modinfo - what a module file says about itself, and which file the loader would take.
 *
 * The files come from a kernel's tree, an archive or a build folder, and may be damaged.  Some
 * damaged files make libkmod end the process, so we do not use it.  Our readers are elf.h,
 * modindex.h, and packed.h for compressed modules.
 */
#include "base/buf.h"
#include "sys/root.h"

struct modinfo {
	char *name;	  /* "name=" in .modinfo; NULL: none (very old kernels) */
	char *version;	  /* MODULE_VERSION; "": none */
	char *srcversion; /* "": none */
	char *vermagic;	  /* the whole string; "": none */
};
#define AUTO_MODINFO CLEANUP(modinfo_release)

void modinfo_release(struct modinfo *info);
/*
 * Read what the module file at `path` says.  Replaces what ret holds.  -EINVAL: not a regular file;
 * -ENOEXEC: not a readable module; for a compressed module, the errors of packed_open(); else
 * -errno.
 */
int modinfo_read(const struct root *r, const char *path, struct modinfo *ret) MUST_CHECK;
/* The kernel release that the module was built for: the first word of vermagic.  Caller frees. */
char *modinfo_release_word(const struct modinfo *info);
/* A module's name as the loader spells it, with '_' instead of '-'; caller frees.  Pure. */
char *modinfo_loader_name(const char *name);

/* A kernel's modules.dep.bin, for several look-ups. */
struct modinfo_index {
	struct buf data;
	char *folder; /* the kernel's tree, symlinks resolved */
};
#define MODINFO_INDEX_INIT       \
	{                        \
		.data = BUF_INIT \
	}
#define AUTO_MODINFO_INDEX CLEANUP(modinfo_index_release)
void modinfo_index_release(struct modinfo_index *ix);
/* `folder`: "/lib/modules/K", absolute inside the root.  -ENOENT: there is no index. */
int modinfo_index_read(const struct root *r, const char *folder,
		       struct modinfo_index *ret) MUST_CHECK;
/* Look up the module called `name`.  *ret and the errors are those of modinfo_lookup(). */
int modinfo_index_find(const struct modinfo_index *ix, const char *name, char **ret) MUST_CHECK;

/*
 * Find the file that the loader takes for the module called `name`, according to the index in
 * `folder` (see modinfo_index_read()).  *ret is the file's path; caller frees.  -ENOENT: the loader
 * does not find the module, or there is no index.  -EBADMSG: the index is damaged.  Else -errno.
 */
int modinfo_lookup(const struct root *r, const char *folder, const char *name,
		   char **ret) MUST_CHECK;

/* An uncompressed module as an ELF file. */
struct modelf {
	unsigned int machine; /* EM_... */
	bool relocatable;     /* ET_REL; every module is */
	bool whole;	      /* section headers and sections all lie within the file */
	bool has_modinfo;     /* has a .modinfo section */
	int bits;	      /* 32 or 64 */
};
/* Read the headers of the module at `path`.  -ENOEXEC: it is empty or no ELF file.  Else -errno. */
int modelf_read(const struct root *r, const char *path, struct modelf *ret) MUST_CHECK;
/* EM_... for an architecture as DKMS or uname(1) spells it; 0: unknown. */
unsigned int modelf_machine(const char *arch);
/* A text for messages, e.g. "x86-64" or "ARM (64 bit)".  Static string. */
const char *modelf_machine_text(unsigned int machine);
