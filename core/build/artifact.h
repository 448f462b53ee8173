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
 * Copy the modules from the build folder dir to the folder `to`, under their destination names.
 * -E_NO_MODULE: a module is missing.  -E_WRONG_MODULE: a module is a link, no regular file, or
 * refused for another reason (sys/harvest.h).
 */
int artifact_harvest(const struct engine *e, const struct target *t, const struct conf *conf,
		     const char *dir, const char *to, struct err *err) MUST_CHECK;
/*
 * Check the copies in the folder `to`: each must be a complete module for the target's machine,
 * with a vermagic for utsrelease.  -E_WRONG_MODULE.
 */
int artifact_check(const struct engine *e, const struct target *t, const struct conf *conf,
		   const char *to, const char *utsrelease, struct err *err) MUST_CHECK;

struct artifact_opts {
	const struct strv *env; /* of the tools */
	const char *strip;	/* "strip", "llvm-strip" */
	const char *suffix;	/* kernel_module_suffix(): "", ".gz", ".xz", ".zst" */
	/*
	 * Sign a module file in place, after strip and before compression; NULL: no signing.
	 * Returns 1: signed; 0: not signed, after a warning, and record->signer is cleared; or an
	 * error.
	 */
	int (*sign)(const struct engine *e, const char *path, void *data, struct err *err);
	void *sign_data;
};

/*
 * Strip, sign and compress each copy, and add it to record.  If compression fails, the module stays
 * uncompressed, with a warning, as in DKMS.  A failure of strip is a warning, too.
 */
int artifact_stage(const struct engine *e, const struct conf *conf, const char *to,
		   const struct artifact_opts *opts, struct record *record,
		   struct err *err) MUST_CHECK;
