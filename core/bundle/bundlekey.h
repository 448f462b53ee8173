/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * bundlekey - the key of a bundle: everything that decides what a build makes, as one SHA-256.
 *
 * A machine that has the source and the kernel, but neither compiler nor headers, computes the same
 * key as the machine that built.  So the key has what both know: the module package with the hashes
 * of its source and of the admin's overrides, the kernel with its UTS_VERSION, the architecture,
 * what the admin added to the build, and the keys of the dependencies that it was built against.
 * The compiler is not in the key; the manifest names it.
 */
#include "engine/digest.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "model/record.h"

struct bundle_input {
	char *name, *version, *release, *arch;
	char *content, *overrides; /* as in struct record; overrides may be "" */
	char *uts_version;	   /* kernel_uts_version() */
	char *options;		   /* bundle_options() */
	struct strv depends;	   /* "NAME/VERSION KEY", in the order of the record */
};
#define BUNDLE_INPUT_INIT            \
	{                            \
		.depends = STRV_INIT \
	}
#define AUTO_BUNDLE_INPUT CLEANUP(bundle_input_release)

void bundle_input_release(struct bundle_input *in);
/* Pure. */
void bundle_key(const struct bundle_input *in, char ret[DIGEST_HEX]);
/* Is it 64 lower-case hex digits? */
bool bundle_is_key(const char *text);
/*
 * A hash of what the admin added to the builds for a kernel, by the setting build_environment, -c,
 * --config and --directive; "" if nothing.  A file counts by its content.  Caller frees.
 */
char *bundle_options(const struct engine *e, const char *release, const char *arch);
/*
 * What a build with these facts is made from.  -E_NO_BUNDLE: a part of it is not known, e.g. the
 * kernel's UTS_VERSION, or a dependency has no build with a record.
 */
int bundle_input_find(const struct engine *e, const struct target *t, const struct record *facts,
		      struct bundle_input *ret, struct err *err) MUST_CHECK;
