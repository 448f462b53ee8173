/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * script - the scripts that a dkms.conf names.
 *
 * The first word of the directive is a path below <dkms_tree>/M/V/build
 * (PRE_BUILD, POST_BUILD) or .../source (the others), which is also the
 * working folder; an executable file of that name in /etc/dkms/M wins, and
 * then that is the working folder.  A missing or not executable script is a
 * warning and counts as success.
 */
#include "engine/engine.h"
#include "engine/makelog.h"
#include "engine/target.h"
#include "model/conf.h"

/* "pre_build", as DKMS says it. */
const char *script_name(enum conf_script which);
/*
 * words: the directive's value, NULL: nothing to do.  log: output goes there
 * (PRE_BUILD, POST_BUILD), NULL: to our own output.  env: the whole environment.
 *
 * -E_SCRIPT with the script's own exit status in err->status; -E_TIMEOUT, -E_INTERRUPTED.
 * ret_memorable (may be NULL): it ended non-zero by itself.
 */
int script_run(const struct engine *e, const struct target *t, enum conf_script which,
	       const char *words, const struct strv *env, struct makelog *log, bool *ret_memorable,
	       struct err *err) MUST_CHECK;
/* bash that evaluates one command line as DKMS's own eval would, with dkms's variables. */
void script_eval_spec(const struct engine *e, const char *kernel_source_dir, const char *command,
		      struct proc_spec *spec);
