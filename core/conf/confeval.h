/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confeval - let bash evaluate conf files: one bash for all that a run needs.
 *
 * dkms.conf, its overrides in /etc/dkms and a framework.conf that is not plain
 * are shell programs.  confeval.bash (part of this program, given to bash as
 * an argument) evaluates each job in a subshell of its own and hands the values back NUL-separated
 * on a descriptor that the files do not have.
 *
 * As DKMS does it, a value is expanded twice: by the file itself, and, after an unquoted echo
 * (runs of white space become one blank, a final CR is cut), inside double quotes.  The
 * current folder is that of the first file (PACKAGE_VERSION="$(cat VERSION)"), but the unquoted
 * echo matches no relative pattern.  All is read-only but tmp_location, where a mount namespace
 * can be had: "rm -rf *" in a conf deletes nothing.
 *
 * bash runs in the root (chroot when it is foreign) with PATH, HOME=/, LC_ALL=C and the caller's
 * DKMS_DIRECTIVE* variables, input /dev/null.  Files see the words of build_environment and DKMS's
 * function override_dest_module_location.  Each job has the time limit of the setting conf_timeout,
 * and a limit of what it prints.  Where one passes, that conf alone has failed, for all kernels,
 * and another bash goes on with the rest.  What a file prints is dropped; what
 * is said on standard error comes back as the job's warnings (20 lines, 4 KiB).
 */
#include "base/error.h"
#include "base/strv.h"
#include "conf/confoutput.h"
#include "model/conf.h"

struct engine;

/*
 * A conf for a kernel.  The strings are the caller's.  headers_dir and kernel_config may be NULL:
 * those of the engine for that release.
 */
struct confeval_pair {
	const char *name, *version; /* of the module package */
	const char *release, *arch; /* release "": for no kernel */
	const char *conf_path;	    /* dkms.conf, absolute inside the root */
	const char *headers_dir, *kernel_config;
	struct conf_values result; /* out, to be released by the caller */
};
/* Override files of a pair that exist in /etc/dkms, in the order in which they are read. */
void confeval_overrides(const struct engine *e, const struct confeval_pair *pair, struct strv *ret);
/*
 * Fills result of every pair; what is wrong with one conf stands in its result.error
 * (-E_CONF_MISSING, -E_TIMEOUT, -E_BAD_CONF).  Returns 0, -E_TOOL_MISSING without bash,
 * -E_INTERRUPTED, or -errno when bash could not be started.
 */
int confeval_run(struct engine *e, struct confeval_pair *pairs, size_t n,
		 struct err *err) MUST_CHECK;

/* The general form: any files, any names (confoutput.h). */
int confeval_jobs(struct engine *e, struct confeval_job *jobs, size_t n,
		  struct err *err) MUST_CHECK;
void confeval_job_release(struct confeval_job *job);
