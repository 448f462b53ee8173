/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The admin's command for new failures: the setting on_failure. */
#include <inttypes.h>

#include "alert/alert.h"
#include "base/alloc.h"
#include "base/log.h"
#include "conf/script.h"
#include "engine/childenv.h"
#include "engine/makelog.h"
#include "engine/treepath.h"
#include "sys/proc.h"

/* Set for the command, so that a dkms that the command starts does not run the command again. */
#define INSIDE "DKMS_ON_FAILURE"

/* Set variables for the first failure.  The command's input has a sentence for each failure. */
static void alert_command_facts(const struct engine *e, const struct alert_changes *c,
				struct proc_spec *spec)
{
	const struct failure *f = c->fresh[0];
	struct target t = { f->name, f->version, f->release, f->arch };
	AUTO_FREE char *since = xasprintf("%" PRId64, f->since);
	AUTO_FREE char *count = xasprintf("%zu", c->n_fresh);

	childenv_script(e, &t, &spec->env);
	proc_setenv(spec, INSIDE, "1");
	proc_setenv(spec, "DKMS_FAILURES", count);
	proc_setenv(spec, "DKMS_MODULE", f->name);
	proc_setenv(spec, "DKMS_VERSION", f->version);
	proc_setenv(spec, "DKMS_KERNEL", f->release);
	proc_setenv(spec, "DKMS_ARCH", f->arch);
	proc_setenv(spec, "DKMS_CAUSE", f->cause ? f->cause : "");
	proc_setenv(spec, "DKMS_WHAT", f->what ? f->what : "");
	proc_setenv(spec, "DKMS_LOG", f->log ? f->log : "");
	proc_setenv(spec, "DKMS_SINCE", since);
	proc_setenv(spec, "DKMS_RUN", e->run_id);
}

static void alert_command_run(const struct engine *e, const char *command,
			      const struct alert_changes *c, struct makelog *log)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	AUTO_BUF struct buf input = BUF_INIT;
	struct proc_result res = { 0 };
	AUTO_FREE char *how = NULL;
	int k;

	for (size_t i = 0; i < c->n_fresh; i++) {
		alert_add_sentence(&input, c->fresh[i]);
		buf_addch(&input, '\n');
	}
	script_eval_spec(e, NULL, command, &spec);
	alert_command_facts(e, c, &spec);
	spec.root = &e->root;
	spec.input = input.s;
	spec.input_len = input.len;
	spec.may_leave = true; /* a mail program may deliver later */
	spec.timeout = settings_number(&e->settings, SET_ON_FAILURE_TIMEOUT);
	k = makelog_run(log, "Executing on_failure command", command, &spec, &res);
	if (k == 0 && res.end == PROC_EXITED && res.status == 0)
		return;
	how = k < 0 ? xstrdup(error_text(k)) : proc_result_text(&spec, &res);
	log_warning("The on_failure command failed: %s; see %s.", how, log->path);
}

void alert_on_failure(struct engine *e, const struct alert_changes *c)
{
	const char *command = settings_get(&e->settings, SET_ON_FAILURE);
	AUTO_MAKELOG struct makelog log = MAKELOG_INIT;
	int k;

	if (!*command || !c->n_fresh || getenv(INSIDE))
		return;
	k = makelog_open_plain(&log, e, tree_on_failure_log(e));
	if (k < 0)
		log_warning("%s: %s; the on_failure command is not run.", log.path, error_text(k));
	else
		alert_command_run(e, command, c, &log);
}
