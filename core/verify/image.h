/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * image - the copies of modules in an initramfs or a unified kernel image.
 *
 * The file is read in this process, because not every machine has a program that lists it and no
 * such program shows bytes.  gzip(1), xz(1) and their like unpack what is compressed, as children
 * with a time limit; what they write is read as a stream, so the size does not matter.
 */
#include "base/strv.h"
#include "engine/engine.h"

struct image_module {
	char *name;	/* as the loader spells it */
	char *path;	/* in the image */
	char *identity; /* of its bytes: image_identity() */
};

struct image {
	struct image_module *v;
	size_t n;
	char *problem; /* why it cannot be read, or not to its end; NULL: it was read */
};
#define AUTO_IMAGE CLEANUP(image_release)
void image_release(struct image *i);
/* Read the image at `path`, and add those of `names` that are in it to ret. */
void image_read(const struct engine *e, const char *path, const struct strv *names,
		struct image *ret);
/*
 * What a module's bytes are known by.  A module without a signature is known by its build id, if it
 * has one: dracut strips such modules of what only a debugger needs.  Any other module is known by
 * the SHA-256 of its bytes.  `content` is not compressed.  Caller frees.
 */
char *image_identity(const struct buf *content);
/*
 * Where the section of that name is in a PE file, of which `head` has the first bytes.  -ENOENT: it
 * is no PE file, or has no such section.  Pure.
 */
int image_pe_section(const struct buf *head, const char *name, uint64_t *ret_offset,
		     uint64_t *ret_size) MUST_CHECK;
