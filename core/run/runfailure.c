/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remember failed builds in the ledger of failures (struct failure). */
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/run.h"
#include "survey/failurekey.h"

/* The line that says why a build failed. */
static const char *outcome_what(const struct run_step *result)
{
	if (result->build.cause.line && *result->build.cause.line)
		return result->build.cause.line;
	return result->err.text ? result->err.text : error_text(result->err.code);
}

static void outcome_put(void *list, void *data)
{
	struct failure *f = data;
	const struct failure *old = ledger_failure(list, f->name, f->version, f->release, f->arch);

	/*
	 * If the build failed for the same reason before, keep the time of that failure.  But a
	 * failure while a package manager was at work (failure.middle) was told to nobody.  If the
	 * build fails again in a settled event, the failure counts as new.
	 */
	if (old && (f->middle || !old->middle) && old->since && old->since < f->since &&
	    str_equal(old->cause, f->cause) && str_equal(old->what, f->what))
		f->since = old->since;
	ledger_put_failure(list, f);
}

static void outcome_drop(void *list, void *data)
{
	const struct target *t = data;

	ledger_drop_failures(list, t->name, t->version, t->release, t->arch);
}

static void outcome_failure(struct run *r, const struct target *t, const struct run_step *result,
			    struct failure *ret)
{
	const char *cause = cause_name(result->build.cause.class);
	char *key = result->build.memorable ? failurekey_make(r->e, r->s, t, cause) : NULL;

	*ret = (struct failure){ .name = xstrdup(t->name),
				 .version = xstrdup(t->version),
				 .release = xstrdup(t->release),
				 .arch = xstrdup(t->arch),
				 .key = key ? key : xstrdup(""),
				 .what = xstrdup(outcome_what(result)),
				 .log = xstrdup(result->build.log ? result->build.log : ""),
				 .cause = xstrdup(cause),
				 .confined = xstrdup(result->build.confined),
				 .since = time(NULL),
				 .run = xstrdup(r->e->run_id),
				 .middle = r->p->middle };
}

void run_note_outcome(struct run *r, const struct step *s, const struct run_step *result, int code)
{
	struct target t = run_target(s);
	const struct failure *known =
		ledger_failure(&r->s->world.failures, t.name, t.version, t.release, t.arch);
	CLEANUP(failure_release) struct failure f = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int k = 0;

	/* Ahead of the kernel, remember only failures of the source: others may go away. */
	if (code < 0 && r->p->ahead && !result->build.memorable)
		return;
	if (code < 0 && result->err.code != -E_INTERRUPTED) {
		outcome_failure(r, &t, result, &f);
		k = run_change_ledger(r, LEDGER_FAILURES, outcome_put, &f, &err);
	} else if (code == 0 && known) {
		k = run_change_ledger(r, LEDGER_FAILURES, outcome_drop, &t, &err);
	}
	if (k < 0)
		log_debug("failures: %s", err.text ? err.text : error_text(err.code));
}
