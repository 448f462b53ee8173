/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * madeko - a kernel module with symbols and versions, as the kernel's build makes them.
 */
#include "base/buf.h"

struct madeko_symbol {
	const char *name; /* NULL ends a list */
	uint32_t crc;	  /* 0: no version */
	bool weak;	  /* needed */
	bool gpl;	  /* exported */
	const char *ns;	  /* exported; NULL: none */
};

struct madeko {
	unsigned int machine;			      /* 0: EM_X86_64 */
	const char *vermagic, *license, *import, *id; /* NULL: none; `id` is the build id */
	const struct madeko_symbol *needs, *exports;  /* NULL: none */
	bool no_versions, no_symbols, no_module;
};
/* Append the file's bytes. */
void madeko_make(const struct madeko *m, struct buf *ret);
