/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * script - run the scripts that a dkms.conf names.
 *
 * The first word of the directive is a path relative to <dkms_tree>/M/V/build (PRE_BUILD,
 * POST_BUILD) or <dkms_tree>/M/V/source (all others).  An executable file of that name in
 * /etc/dkms/M takes precedence.  The script runs in the folder in which it was found.  If no such
 * file is executable, there is a warning, and the call succeeds.
 */
#include "engine/engine.h"
#include "engine/makelog.h"
#include "engine/target.h"
#include "model/conf.h"

/*
 * `words` is the directive's value; with NULL there is nothing to do.  `env` is the whole
 * environment of the script.  The script's output goes to `log` (PRE_BUILD, POST_BUILD) or, if
 * `log` is NULL, to our own output.
 *
 * Fails with -E_SCRIPT and the script's exit status in err->status, -E_TIMEOUT, -E_INTERRUPTED,
 * -E_UNSAFE if somebody else than root can change the source, or -errno.
 *
 * *ret_memorable tells if the script ended by itself with a status from 1 to 125.  It is not
 * touched if the script was not started.  ret_memorable may be NULL.
 */
int script_run(const struct engine *e, const struct target *t, enum conf_script which,
	       const char *words, const struct strv *env, struct makelog *log, bool *ret_memorable,
	       struct err *err) MUST_CHECK;
/*
 * Append to spec->argv a bash that evaluates `command` as DKMS's eval does: dkms_tree, source_tree,
 * install_tree and kernel_source_dir are set, but not exported.  kernel_source_dir may be NULL.
 */
void script_eval_spec(const struct engine *e, const char *kernel_source_dir, const char *command,
		      struct proc_spec *spec);
