/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/posttransaction.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "conf/script.h"
#include "engine/childenv.h"
#include "engine/makelog.h"
#include "engine/treepath.h"
#include "sys/proc.h"

/* Kernels that changed. */
struct changed {
	struct strv releases, archs; /* of the same length */
};

static bool post_transaction_is_change(const struct step *s, const struct run_step *result)
{
	switch (s->kind) {
	case STEP_INSTALL:
	case STEP_UNINSTALL:
	case STEP_UNBUILD:
	case STEP_ADOPT:
	case STEP_CLEAN: return result->state == RUN_DONE;
	default: return false;
	}
}

/* Append the kernels that changed or, with `all`, the kernels of all steps. */
static void post_transaction_collect(const struct run *r, bool all, struct changed *ret)
{
	for (size_t i = 0; i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];

		if (!s->release || strv_has(&ret->releases, s->release) ||
		    !(all || post_transaction_is_change(s, &r->steps[i])))
			continue;
		strv_add(&ret->releases, s->release);
		strv_add(&ret->archs, s->arch ? s->arch : r->e->arch);
	}
}

static void post_transaction_run(const struct engine *e, const char *command, const char *release,
				 const char *arch, struct makelog *log)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = PROC_INIT;
	struct proc_result res = { 0 };
	AUTO_FREE char *how = NULL;
	int r;

	script_eval_spec(e, NULL, command, &spec);
	childenv_script(e, &(struct target){ .release = release, .arch = arch }, &spec.env);
	spec.root = &e->root;
	spec.may_leave = true;
	spec.timeout = settings_number(&e->settings, SET_SCRIPT_TIMEOUT);
	r = makelog_run(log, "Executing post-transaction command", command, &spec, &res);
	if (r == 0 && res.end == PROC_EXITED && res.status == 0)
		return;
	how = r < 0 ? xstrdup(error_text(r)) : proc_result_text(&spec, &res);
	log_warning("The post_transaction command failed: %s; see %s.", how, log->path);
}

static void post_transaction_run_all(const struct engine *e, const char *command,
				     const struct changed *c)
{
	bool each = strstr(command, "kernelver");
	AUTO_MAKELOG struct makelog log = MAKELOG_INIT;
	int r = makelog_open_plain(&log, e, tree_post_transaction_log(e));

	if (r < 0) {
		log_warning("%s: %s; the post_transaction command is not run.", log.path,
			    error_text(r));
		return;
	}
	if (!c->releases.n)
		post_transaction_run(e, command, "", e->arch, &log);
	for (size_t i = 0; i < c->releases.n && (i == 0 || each); i++)
		post_transaction_run(e, command, c->releases.v[i], c->archs.v[i], &log);
}

void post_transaction(const struct run *r, bool always)
{
	const char *command = settings_get(&r->e->settings, SET_POST_TRANSACTION);
	struct changed c = { STRV_INIT, STRV_INIT };

	if (!*command)
		return;
	post_transaction_collect(r, false, &c);
	if (!c.releases.n && always)
		post_transaction_collect(r, true, &c);
	if (c.releases.n || always)
		post_transaction_run_all(r->e, command, &c);
	strv_release(&c.releases);
	strv_release(&c.archs);
}
