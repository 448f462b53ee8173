/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * manifest - what a bundle is: a text in JSON that the builder signs.  A door to json-c.
 *
 * A bundle is a folder of three files:
 *
 *	manifest.json	what it was made from, its key, and the SHA-256 of all that is in it
 *	manifest.p7s	detached CMS signatures of manifest.json, one PEM block a builder
 *	modules.tar.zst	the modules, unsigned and uncompressed, as `dkms ldtarball` takes them
 *
 * The schema of manifest.json is data/schema/bundle.json.  Nothing in a bundle depends on time,
 * user or machine, so two builders who build the same make the same manifest, byte for byte, and
 * both can sign it.
 */
#include "base/buf.h"
#include "bundle/bundlekey.h"

#define BUNDLE_MANIFEST	  "manifest.json"
#define BUNDLE_SIGNATURES "manifest.p7s"
#define BUNDLE_ARCHIVE	  "modules.tar.zst"

/* No file of a bundle is larger. */
#define BUNDLE_MANIFEST_MAX   ((uint64_t)1 << 20)
#define BUNDLE_SIGNATURES_MAX ((uint64_t)1 << 20)
#define BUNDLE_ARCHIVE_MAX    ((uint64_t)512 << 20)

/* A file of the build's folder module/: a module, or Module.symvers. */
struct manifest_file {
	char *name; /* "demo.ko" */
	uint64_t size;
	char sha256[DIGEST_HEX];
};

struct manifest {
	char key[DIGEST_HEX];
	struct bundle_input input;
	char *compiler; /* as in struct record; may be NULL */
	char *headers;	/* identity of the headers (kernel/kernels.h); may be NULL */
	struct manifest_file *files;
	size_t n_files;
	struct manifest_file archive; /* BUNDLE_ARCHIVE */
};
#define MANIFEST_INIT                       \
	{                                   \
		.input = BUNDLE_INPUT_INIT, \
	}
#define AUTO_MANIFEST CLEANUP(manifest_release)

void manifest_release(struct manifest *m);
struct manifest_file *manifest_add_file(struct manifest *m, const char *name);
/* The file of that name; NULL: there is none. */
const struct manifest_file *manifest_file(const struct manifest *m, const char *name);
void manifest_print(const struct manifest *m, struct buf *ret);
/*
 * Read a manifest, which may come from an enemy.  It must be what manifest_print() writes, to the
 * byte, and its key must be that of its input.  -E_BUNDLE_BAD: err says what is wrong.
 */
int manifest_parse(const char *text, size_t len, struct manifest *ret, struct err *err) MUST_CHECK;
