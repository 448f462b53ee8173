/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/work.h"

#include <stdio.h>

#include "base/log.h"
#include "cli/report.h"
#include "engine/json.h"
#include "engine/run.h"
#include "engine/survey.h"
#include "model/plan.h"
#include "sys/proc.h"

static int fail(const struct err *err)
{
	report_error(err);
	return err_status(err);
}

static int print_plan(const struct options *o, const struct plan *plan)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (o->json)
		json_plan(plan, &b);
	else if (plan->n)
		plan_print(plan, &b);
	else
		buf_adds(&b, "Nothing to do.\n");
	return fputs(b.s, stdout) < 0;
}

static int act(struct engine *e, struct survey *s, const struct plan *plan, bool event)
{
	struct report report = { .event = event, .verbose = e->verbose };
	AUTO_RUN struct run run = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r = run_plan(e, s, plan, report_step, &report, &run, &err);

	if (r < 0)
		return fail(&err);
	report_end(&report, &run);
	return run_status(&run);
}

/* What the survey learnt is only a saving of time for the next one. */
static void save(struct engine *e, struct survey *s)
{
	int r = survey_save(e, s);

	if (r < 0)
		log_debug("the caches were not written: %s", error_text(r));
}

static int finish(struct engine *e, const struct options *o, struct survey *s,
		  const struct plan *plan, bool event)
{
	for (size_t i = 0; i < s->problems.n; i++)
		log_warning("%s", s->problems.v[i]);
	if (o->dry_run)
		return print_plan(o, plan);
	save(e, s);
	return act(e, s, plan, event);
}

/* Signals are caught and dead runs cleaned up before the first look at the tree. */
static int begin(struct engine *e, const struct options *o, struct err *err)
{
	if (o->dry_run)
		return 0;
	proc_catch_signals();
	return run_recover(e, err);
}

int work_goals(struct engine *e, const struct options *o, const struct goals *goals)
{
	AUTO_SURVEY struct survey s = { .problems = STRV_INIT };
	AUTO_PLAN struct plan plan = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r = begin(e, o, &err);

	if (r == 0)
		r = survey_goals(e, goals, &s, &err);
	if (r < 0)
		return fail(&err);
	plan_goals(&s.world, goals, &plan);
	return finish(e, o, &s, &plan, false);
}

int work_event(struct engine *e, const struct options *o, const struct event *event)
{
	AUTO_SURVEY struct survey s = { .problems = STRV_INIT };
	AUTO_PLAN struct plan plan = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r = begin(e, o, &err);

	if (r == 0)
		r = survey_event(e, event, 0, &s, &err);
	if (r < 0)
		return fail(&err);
	plan_event(&s.world, event, &plan);
	return finish(e, o, &s, &plan, true);
}
