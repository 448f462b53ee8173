/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * ko - what the kernel will look at when it loads a module file.
 *
 * The file may be damaged or made by an enemy.  Everything that is read from it is checked as the
 * kernel checks it, so that a file that is read without damage is one that the kernel can parse.
 *
 * Symbols that a module exports are found by the names that the kernel's build gives them:
 * __ksymtab_NAME lies in the section __ksymtab or __ksymtab_gpl, __crc_NAME has the version and
 * __kstrtabns_NAME the namespace.
 */
#include "base/buf.h"
#include "base/strv.h"

struct ko_symbol {
	const char *name; /* points into the struct ko */
	const char *ns;	  /* namespace of an exported symbol, "" if it has none */
	uint32_t crc;
	bool has_crc;
	bool weak; /* a needed symbol that may be missing */
	bool gpl;  /* an exported symbol for GPL-compatible modules only */
};

struct ko {
	const char *damage; /* static text that says why the kernel cannot parse it; NULL: it can */
	unsigned int machine;
	int bits;		  /* 32 or 64 */
	bool big;		  /* big endian */
	char *vermagic, *license; /* NULL: it has none */
	char *build_id;		  /* hex; NULL: none */
	struct strv imports;	  /* namespaces */
	struct ko_symbol *needs;
	size_t n_needs;
	struct ko_symbol *exports;
	size_t n_exports;
	bool has_versions; /* it says which versions of symbols it needs */
	bool needs_layout; /* a version of "module_layout" is among them */
	uint32_t layout;   /* that version */
	/* What names point into: .strtab, .modinfo, __versions and __ksymtab_strings. */
	struct buf names, info, versions, strings;
};
#define KO_INIT                                                                                  \
	{                                                                                        \
		.imports = STRV_INIT, .names = BUF_INIT, .info = BUF_INIT, .versions = BUF_INIT, \
		.strings = BUF_INIT                                                              \
	}
#define AUTO_KO CLEANUP(ko_release)
void ko_release(struct ko *k);

/*
 * Read a module of which the first `len` bytes of `content` are the ELF file; what follows is its
 * signature.  Whatever is wrong with the file is in ret->damage.  -errno: there is no memory.
 */
int ko_parse(const struct buf *content, size_t len, struct ko *ret) MUST_CHECK;
/* Does a license make a module compatible with the GPL, as the kernel sees it?  Pure. */
bool ko_license_is_gpl(const char *license);
