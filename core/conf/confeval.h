/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * confeval - evaluate conf files in bash; one bash serves all confs of a run.
 *
 * dkms.conf, its overrides in /etc/dkms and a framework.conf that is not plain (conf/framework.h)
 * are shell programs.  confeval.bash is compiled in and passed to bash with -c.  A job is one conf
 * for one kernel: the dkms.conf and its overrides.  Each job is evaluated in a subshell, and its
 * values are written, NUL-separated, to a descriptor that the conf files do not have.
 *
 * As in DKMS, a value is expanded twice.  First the conf file itself expands it.  An unquoted echo
 * then prints the value: runs of white space become one blank, and a final CR is removed.  What the
 * echo prints is expanded a second time, inside double quotes.
 *
 * The current folder is that of the job's first file, so that PACKAGE_VERSION="$(cat VERSION)"
 * works.  A value like "*.c" nevertheless stays as it is: in the unquoted echo, relative patterns
 * match no file.  Where a mount namespace and mount_setattr(2) (Linux 5.12) are available, a conf
 * can write to tmp_location only.  So "rm -rf *" in a conf deletes nothing elsewhere.
 *
 * bash runs in the root (chroot if that is not "/") with PATH, HOME=/, LC_ALL=C, TMPDIR if
 * tmp_location is set, and the caller's DKMS_DIRECTIVE* variables.  The files see what DKMS shows
 * them (kernelver, arch, module, kernel_source_dir, dkms_tree ...), DKMS's function
 * override_dest_module_location, and the variables of build_environment.  headerless.h says what
 * they see of a kernel whose headers are missing.  The standard input of the files is empty.
 *
 * Each job is limited in time (setting conf_timeout) and in the amount that it prints.  A conf that
 * exceeds a limit fails for all remaining kernels, and another bash evaluates the remaining confs.
 * The standard output of a file is discarded.  Its standard error becomes the job's warnings (at
 * most 20 lines and 4 KiB).
 */
#include "base/error.h"
#include "base/strv.h"
#include "conf/confoutput.h"
#include "model/conf.h"

struct engine;

/*
 * A conf for a kernel.  The strings belong to the caller.  If headers_dir or kernel_config is NULL,
 * the engine's path for the release is used.
 */
struct confeval_pair {
	const char *name, *version; /* of the module package */
	const char *release, *arch; /* release "": without a kernel */
	const char *conf_path;	    /* dkms.conf, absolute inside the root */
	const char *headers_dir, *kernel_config;
	struct conf_values result; /* out, to be released by the caller */
};
/* Append the pair's override files that exist in /etc/dkms, in the order in which they are read. */
void confeval_overrides(const struct engine *e, const struct confeval_pair *pair, struct strv *ret);
/*
 * Fill the result of every pair.  A conf that fails has result.error set (-E_CONF_MISSING,
 * -E_TIMEOUT, -E_BAD_CONF, or -errno of headerless_show()) and does not fail the call.  Returns 0,
 * -E_TOOL_MISSING if there is no bash, -E_INTERRUPTED, or -errno if bash could not be started.
 */
int confeval_run(struct engine *e, struct confeval_pair *pairs, size_t n,
		 struct err *err) MUST_CHECK;

/* As confeval_run(), for any files and any variables (confoutput.h). */
int confeval_jobs(struct engine *e, struct confeval_job *jobs, size_t n,
		  struct err *err) MUST_CHECK;
void confeval_job_release(struct confeval_job *job);
