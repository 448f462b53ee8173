/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * symvers - the symbols of a kernel and its modules, from Module.symvers.
 *
 * A line has these fields, with tabs between them: version, symbol, "vmlinux" or the path of the
 * module without suffix, EXPORT_SYMBOL or EXPORT_SYMBOL_GPL, namespace.  Before Linux 5.4 there was
 * no namespace.  Bad lines are skipped.  Pure.
 */
#include "base/buf.h"

struct symvers_symbol {
	const char *name;
	const char *module; /* its file's name without suffix; NULL: the kernel itself */
	const char *ns;	    /* "": none */
	uint32_t crc;
	bool gpl;
};

struct symvers {
	struct buf text;	  /* what the texts point into */
	struct symvers_symbol *v; /* by name */
	size_t n;
};
#define SYMVERS_INIT             \
	{                        \
		.text = BUF_INIT \
	}
#define AUTO_SYMVERS CLEANUP(symvers_release)
void symvers_release(struct symvers *s);
/* Parse s->text, which the caller has filled and which is changed. */
void symvers_parse(struct symvers *s);
/* NULL: nothing in this kernel exports the symbol. */
const struct symvers_symbol *symvers_find(const struct symvers *s, const char *name);
