/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * artifact - what a build made: is it right, and the way it takes into the DKMS tree.
 */
#include "engine/engine.h"
#include "engine/makelog.h"
#include "engine/target.h"
#include "model/conf.h"
#include "model/record.h"

/*
 * Copy every wanted module from the build folder dir to folder to, under its destination name
 * (sys/harvest.h).  -E_NO_MODULE: one is not there; -E_WRONG_MODULE: a link, no file ...
 */
int artifact_harvest(const struct engine *e, const struct target *t, const struct conf *conf,
		     const char *dir, const char *to, struct err *err) MUST_CHECK;
/*
 * Looks at each of these copies: is it a whole module of the target's machine, and is its
 * vermagic for utsrelease?  -E_WRONG_MODULE.
 */
int artifact_check(const struct engine *e, const struct target *t, const struct conf *conf,
		   const char *to, const char *utsrelease, struct err *err) MUST_CHECK;

struct artifact_opts {
	const struct strv *env; /* for the tools */
	const char *strip;	/* "strip", "llvm-strip" */
	const char *suffix;	/* kernel_module_suffix(): "", ".gz", ".xz", ".zst" */
	/*
	 * Signs a module file in place, after strip and before compression; NULL: no signing.
	 * 1: signed; 0: it is not, which a warning has said: record->signer is cleared then.
	 */
	int (*sign)(const struct engine *e, const char *path, void *data, struct err *err);
	void *sign_data;
};

/*
 * Strip, sign and compress each of the copies; note it in record.  A compression that fails leaves
 * the module uncompressed, with a warning, as DKMS does.
 */
int artifact_stage(const struct engine *e, const struct conf *conf, const char *to,
		   const struct artifact_opts *opts, struct record *record,
		   struct err *err) MUST_CHECK;
/* A module that this kernel does not get (BUILD_EXCLUSIVE of its own). */
bool artifact_wanted(const struct conf_module *m);
