/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * build - one module package for one kernel, from a fresh copy of its source to
 * <dkms_tree>/M/V/K/A.
 *
 * To be run in a worker of its own (sys/proc.h): it enters a mount namespace
 * (workspace.h).  The caller holds the target's lock, has evaluated the conf and
 * looked after BUILD_DEPENDS.  Nothing of an older build is touched before the new one is complete;
 * an older build's notes of what is installed go over into the new record.
 *
 * After a failure the build folder is left at <dkms_tree>/M/V/build, with make.log in it, and
 * the log is kept as .native/log/M/V/K-A.make.log too.
 */
#include "build/artifact.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "model/kconfig.h"

enum build_phase {
	BUILD_PREPARE, /* checks, copy */
	BUILD_PATCH,
	BUILD_PRE_BUILD,
	BUILD_MAKE,
	BUILD_CHECK, /* are the modules there, can they be taken, are they right */
	BUILD_STAGE, /* strip, sign, compress, publish */
	BUILD_POST_BUILD,
	BUILD_DONE,
};
const char *build_phase_name(enum build_phase phase);

struct jobs;

struct build_opts {
	const char *headers;	      /* kernel_source_dir, a folder inside the root */
	const struct kconfig *config; /* NULL: the kernel's config is missing */
	const char *jobs;	      /* "-j8", "-j", "" */
	const struct jobs *jobserver; /* for makes that take -j from us; NULL: none */
	const char *suffix;	      /* kernel_module_suffix() */
	const struct record
		*facts; /* content, overrides, headers, owner ... for the record; no modules */
	int (*sign)(const struct engine *e, const char *path, void *data, struct err *err);
	void *sign_data;
};

struct build_result {
	enum build_phase phase; /* where it failed, or BUILD_DONE */
	bool built;		/* <dkms_tree>/M/V/K/A is new; also true when POST_BUILD failed */
	int status;	/* exit status of make or of the script, 0 when that is not what failed */
	bool memorable; /* the same input would fail again (DESIGN 6.2) */
	char *log;	/* path of the kept log, NULL: there was none yet */
	struct strv lines; /* first error lines of the log */
};
#define BUILD_RESULT_INIT          \
	{                          \
		.lines = STRV_INIT \
	}
#define AUTO_BUILD_RESULT CLEANUP(build_result_release)

void build_result_release(struct build_result *res);
/* For the pipe between a worker and its parent: one line a member, escaped. */
void build_result_print(const struct build_result *res, const struct err *err, struct buf *b);
int build_result_parse(const char *text, struct build_result *ret, struct err *ret_err) MUST_CHECK;

/*
 * 0, or the error: -E_EXCLUDED, -E_SOURCE_EMPTY, -E_NO_HEADERS, -E_TOOL_MISSING,
 * -E_NO_SPACE, -E_PATCH_MISSING, -E_PATCH_FAILED, -E_SCRIPT, -E_MAKE, -E_NO_MODULE,
 * -E_WRONG_MODULE, -E_TIMEOUT, -E_INTERRUPTED.  ret is set in every case.
 */
int build_run(struct engine *e, const struct target *t, const struct conf *conf,
	      const struct build_opts *opts, struct build_result *ret, struct err *err) MUST_CHECK;

/* Release that the headers say modules are for (utsrelease.h, else kernel.release); caller frees,
 * NULL: unknown. */
char *build_utsrelease(const struct engine *e, const char *headers);
/* Where a failed build's log is kept; caller frees. */
char *build_log_path(const struct engine *e, const struct target *t);
