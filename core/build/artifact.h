/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * artifact - copy a build's modules out of its folder, check them, strip, sign and compress them.
 *
 * A module is skipped if its own BUILD_EXCLUSIVE_... directives exclude this kernel.
 */
#include "engine/engine.h"
#include "engine/target.h"
#include "model/conf.h"
#include "model/record.h"

/*
 * Copy the modules from the build folder `dir` to the folder `to`, under their destination names.
 * -E_NO_MODULE: a module is missing.  -E_WRONG_MODULE: a module is not a regular file but e.g. a
 * link, or is refused for another reason (sys/harvest.h).
 */
int artifact_harvest(const struct engine *e, const struct target *t, const struct conf *conf,
		     const char *dir, const char *to, struct err *err) MUST_CHECK;
/*
 * Check the copies in the folder `to`: each must be a complete module for the target's machine,
 * and its vermagic must be for the release `utsrelease`.  -E_OTHER_KERNEL: a copy is for another
 * release; -E_WRONG_MODULE: a copy is wrong in another way.
 */
int artifact_check(const struct engine *e, const struct target *t, const struct conf *conf,
		   const char *to, const char *utsrelease, struct err *err) MUST_CHECK;

struct artifact_opts {
	const struct strv *env; /* environment of the tools that strip and compress */
	const char *strip;	/* "strip", "llvm-strip"; NULL: they are stripped already */
	const char *suffix;	/* kernel_module_suffix(): "", ".gz", ".xz", ".zst" */
	/*
	 * Called after strip and before compression, to sign the module file in place.  NULL: no
	 * signing.  Returns 1 if it has signed the file; 0 if it has not, after a warning (then
	 * artifact_stage() clears record->signer); or an error.
	 */
	int (*sign)(const struct engine *e, const char *path, void *data, struct err *err);
	void *sign_data;
};

/*
 * Strip, sign and compress each copy, and add the module to `record`.  If strip or compression
 * fails, there is only a warning, and the module stays unstripped or uncompressed, as in DKMS.  But
 * if one of the tools was killed, that is an error.
 */
int artifact_stage(const struct engine *e, const struct conf *conf, const char *to,
		   const struct artifact_opts *opts, struct record *record,
		   struct err *err) MUST_CHECK;
