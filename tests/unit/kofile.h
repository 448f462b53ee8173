/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * kofile - the smallest kernel module that can be read: an ELF object with a .modinfo section.
 */
#include "base/buf.h"

struct kofile {
	unsigned int machine, type;			    /* EM_..., ET_... */
	const char *version, *srcversion, *vermagic, *name; /* NULL: left out */
	const char *extra;				    /* one more string, for other bytes */
};
/* Append the file's bytes. */
void kofile_make(const struct kofile *ko, struct buf *b);
