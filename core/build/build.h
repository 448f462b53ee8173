/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * build - build one module package for one kernel, from a fresh copy of its source, into
 * <dkms_tree>/M/V/K/A (name, version, kernel release, architecture).
 *
 * Call build_run() in a worker of its own (sys/proc.h), because build_run() enters a mount
 * namespace (workspace.h).  The caller holds the target's lock, has evaluated the conf and checked
 * BUILD_DEPENDS.
 *
 * An older build stays untouched until the new one is complete; then the new one replaces it.  What
 * the older build's record says of installed files is copied to the new record.
 *
 * After a failure the build folder is kept as <dkms_tree>/M/V/build with make.log in it, and a copy
 * of the log as .native/log/M/V/K-A.make.log.  If the build failed before it had a log, nothing is
 * kept.
 */
#include "build/artifact.h"
#include "cause/cause.h"
#include "engine/engine.h"
#include "engine/target.h"
#include "model/calls.h"
#include "model/kconfig.h"

enum build_phase {
	BUILD_PREPARE, /* checks, copy */
	BUILD_PATCH,
	BUILD_PRE_BUILD,
	BUILD_MAKE,
	BUILD_CHECK, /* copy the modules out of the build folder and check them */
	BUILD_STAGE, /* strip, sign, compress, publish */
	BUILD_POST_BUILD,
	BUILD_DONE,
};
struct jobs;

struct build_opts {
	const char *headers;	      /* kernel_source_dir, a folder inside the root */
	const struct strv *more;      /* kernel_more_headers(), with `replay` only */
	const struct kconfig *config; /* NULL: the kernel's config is missing */
	const char *jobs;	      /* "-j8", "-j", "" */
	const struct jobs *jobserver; /* shared by the run's builds (sys/jobs.h); NULL: none */
	const char *suffix;	      /* kernel_module_suffix() */
	/*
	 * What the new record says, except about modules: content, overrides, headers, owner and so
	 * on.  NULL: nothing.
	 */
	const struct record *facts;
	/*
	 * With `replay`, what the compiler did in earlier builds is replayed, and what it does in
	 * this build is remembered (replay/replay.h).  If `anew` is set as well, nothing is
	 * replayed.  The build of a source that is only tried sets neither: a registered source of
	 * the same name must not use what that build did.
	 */
	bool replay, anew;
	/* See `sign` in struct artifact_opts. */
	int (*sign)(const struct engine *e, const char *path, void *data, struct err *err);
	void *sign_data;
	const char *key; /* path of the key that signs, hidden from the build; NULL: none */
};

struct build_result {
	enum build_phase phase; /* where it failed, or BUILD_DONE */
	bool built;		/* M/V/K/A has the new build, even if POST_BUILD failed */
	int status;		/* exit status of make or of a script; 0 if neither failed */
	/*
	 * The source is at fault: the same input would fail again.  Set if make or PRE_BUILD ended
	 * by itself with a status from 1 to 125, if a patch is missing or does not fit, or if a
	 * module is missing or wrong.  Not set if the log or the free space shows that the machine
	 * is at fault.
	 */
	bool memorable;
	char *log;	    /* path of the kept log of a failure; NULL: none */
	struct strv lines;  /* the first error lines of the log */
	struct cause cause; /* why it failed, if phase is not BUILD_DONE */
	/* As in struct record; NULL: it failed before that was chosen. */
	char *confined, *confined_why;
	struct calls calls; /* of the compiler */
	/* As in struct record, if the build was not made here but fetched. */
	char *bundle, *bundle_from, *bundle_by;
	char *bundle_why;	 /* why no bundle was fetched; NULL: one was, or none was wanted */
	bool bundle_unreachable; /* no bundle was fetched because no store could be reached */
};
#define BUILD_RESULT_INIT                               \
	{                                               \
		.lines = STRV_INIT, .cause = CAUSE_INIT \
	}
#define AUTO_BUILD_RESULT CLEANUP(build_result_release)

void build_result_release(struct build_result *res);
/*
 * The text by which a worker reports to its parent.  It has a line of escaped words for each member
 * of the result and of the error, and ends with a line "end".  build_result_parse() returns
 * -E_CORRUPT for any other text, and for a text that was cut off.
 */
void build_result_print(const struct build_result *res, const struct err *err, struct buf *b);
int build_result_parse(const char *text, struct build_result *ret, struct err *ret_err) MUST_CHECK;

/*
 * The kernel release for which the headers in the folder `headers` build modules; NULL: unknown.
 * Caller frees.
 */
char *build_utsrelease(const struct engine *e, const char *headers);
/*
 * Build.  Returns 0, -E_EXCLUDED, -E_SOURCE_EMPTY, -E_NO_HEADERS, -E_TOOL_MISSING, -E_NO_SPACE,
 * -E_PATCH_MISSING, -E_PATCH_FAILED, -E_SCRIPT, -E_MAKE, -E_NO_MODULE, -E_WRONG_MODULE,
 * -E_OTHER_KERNEL, -E_TIMEOUT, -E_INTERRUPTED, or another error.  *ret is set in every case; the
 * caller releases it.
 */
int build_run(struct engine *e, const struct target *t, const struct conf *conf,
	      const struct build_opts *opts, struct build_result *ret, struct err *err) MUST_CHECK;
