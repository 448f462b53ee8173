/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/work.h"

#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"
#include "base/log.h"
#include "cli/report.h"
#include "cli/statusjson.h"
#include "cli/summary.h"
#include "decide/want.h"
#include "engine/quiet.h"
#include "engine/trust.h"
#include "run/history.h"
#include "run/posttransaction.h"
#include "run/run.h"
#include "run/runrecover.h"
#include "survey/survey.h"
#include "sys/proc.h"
#include "sys/signals.h"
#include "tree/told.h"
#include "verify/verify.h"

static int work_fail(const struct err *err)
{
	if (!signals_interrupted())
		return report_error(err);
	report_interrupted(NULL);
	return 128 + signals_interrupted();
}

/* Print the plan, for --dry-run.  The exit status is that of a run in which no step fails. */
static int work_print_plan(const struct options *o, const struct plan *plan)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (o->json)
		json_plan(plan, &b);
	else if (plan->n)
		plan_print(plan, &b);
	else
		buf_adds(&b, "Nothing to do.\n");
	return report_print(b.s) ? 1 : plan_status(plan);
}

/* What one command or event does, from the survey to the exit status. */
struct job {
	struct engine *e;
	const struct options *o;
	struct survey survey;
	struct plan plan;
	const struct event *event; /* NULL: goals */
	enum goal_verb verb;
	bool command; /* post_transaction runs even if nothing changed, as in DKMS */
	struct report report;
	struct history_writer history;
};

static void work_tell_step(enum run_event event, const struct step *step,
			   const struct run_step *result, void *data)
{
	struct job *j = data;

	report_step(event, step, result, &j->report);
	if (event == RUN_END)
		history_step(&j->history, step, result);
}

/* Print the last lines.  For an event they are a short summary (summary.h). */
static void work_tell_end(struct job *j, const struct run *run)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (!j->event) {
		report_end(&j->report, run, j->history.active);
		return;
	}
	summary_make(run, &j->survey.world, !j->report.told_later && !j->plan.middle,
		     j->history.active, &text);
	summary_tell(j->e, j->event->from, &text);
	if (signals_interrupted())
		report_interrupted(run);
}

/* Does a maintainer script run this kernel's hook?  Then an event of dpkg's trigger follows. */
static bool work_is_within_dpkg(const struct event *event)
{
	return event && event->kernel_only && getenv("DPKG_MAINTSCRIPT_PACKAGE");
}

/* A module package that must be installed before the build s, but is not; NULL: none. */
static const char *work_missing_dependency(const struct job *j, const struct run *run,
					   const struct step *s)
{
	for (size_t i = 0; i < s->n_after; i++) {
		const struct step *before = &j->plan.steps[s->after[i]];

		if (before->kind == STEP_INSTALL && !run_did(run->steps[s->after[i]].state) &&
		    !world_installed(&j->survey.world, before->id.name, s->release, s->arch))
			return before->id.name;
	}
	return NULL;
}

/* Is the step a removal of an old version, left out because the new one was not installed? */
static bool work_keeps_old(const struct job *j, const struct run *run, const struct step *s)
{
	if (s->kind != STEP_UNBUILD)
		return false;
	for (size_t i = 0; i < s->n_after; i++) {
		if (j->plan.steps[s->after[i]].kind == STEP_INSTALL &&
		    !run_did(run->steps[s->after[i]].state))
			return true;
	}
	return false;
}

/*
 * If nothing were done here, the next event would report the consequences of this run's failures:
 *  - builds that need a module package that was not installed;
 *  - fallback steps (decide/step.h), which this run has reported;
 *  - old versions that stay.
 * Report the builds now, and note all three as reported.
 */
static void work_tell_consequences(struct job *j, const struct run *run, struct told *told)
{
	for (size_t i = 0; i < j->plan.n; i++) {
		const struct step *s = &j->plan.steps[i];
		struct step note = { .kind = STEP_FAILED, .id = s->id, .news = true };
		const char *name = s->kind == STEP_BUILD && run->steps[i].state == RUN_NOT_DONE
					   ? work_missing_dependency(j, run, s)
					   : NULL;
		AUTO_FREE char *why = name ? want_needs_text(name) : NULL;

		if (!step_acts(s->kind) && s->fallback && !run_did(run->steps[s->unless].state))
			told_add(told, s);
		if (work_keeps_old(j, run, s)) {
			struct step keep = { .kind = STEP_KEEP,
					     .id = s->id,
					     .release = s->release,
					     .arch = s->arch,
					     .reason = (char *)(uintptr_t)PLAN_STAYS };

			told_add(told, &keep);
		}
		if (!name)
			continue;
		note.release = s->release;
		note.arch = s->arch;
		note.reason = why;
		report_note(&j->report, &note);
		told_add(told, &note);
	}
}

static int work_run(struct job *j, struct told *told)
{
	AUTO_RUN struct run run = { 0 };
	AUTO_ERR struct err err = ERR_INIT;
	int r;

	j->report.e = j->e;
	j->report.world = &j->survey.world;
	j->report.verb = j->verb;
	j->report.event = j->event;
	j->report.document = j->o->json;
	j->report.told_later = work_is_within_dpkg(j->event);
	report_open(&j->report);
	progress_open(&j->report.progress, &j->plan);
	if (!j->event && !getenv("DPKG_MAINTSCRIPT_PACKAGE"))
		progress_draw_on(&j->report.progress, stdout);
	history_begin(&j->history, j->e, &j->plan, j->o->command, j->event);
	proc_set_idle(report_tick, &j->report);
	r = run_plan(j->e, &j->survey, &j->plan, work_tell_step, j, &run, &err);
	proc_set_idle(NULL, NULL);
	if (r < 0) {
		history_end(&j->history, NULL, &err, err_status(&err));
		return work_fail(&err);
	}
	r = run_status(&run);
	if (!signals_interrupted())
		post_transaction(&run, j->command && r == 0);
	history_end(&j->history, &run, NULL, r);
	if (j->event && !signals_interrupted())
		work_tell_consequences(j, &run, told);
	alert_run(j->e, &run, j->event && !j->event->kernel_only && !plan_acts(&j->plan));
	work_tell_end(j, &run);
	return r;
}

/* The caches only make the next survey faster, so an error goes to the debug log. */
static void work_save_caches(struct engine *e, struct survey *s)
{
	int r = survey_save(e, s);

	if (r < 0)
		log_debug("the caches were not written: %s", error_text(r));
}

/* Does the step use a build whose source has changed since, and which the plan does not rebuild? */
static bool work_is_stale(const struct job *j, const struct step *s)
{
	const struct world *w = &j->survey.world;
	const struct world_build *b =
		s->release ? world_build(w, &s->id, s->release, s->arch) : NULL;
	const struct world_module *m = world_module(w, &s->id);

	return b && m && b->content && m->content && strcmp(b->content, m->content) != 0 &&
	       plan_find(&j->plan, STEP_BUILD, &s->id, s->release, s->arch) == PLAN_NONE;
}

/*
 * As in DKMS, an existing build is used even if its source has changed since: by build without
 * --force, and by install with or without --force.  Warn about that.
 */
static void work_tell_stale(const struct job *j)
{
	for (size_t i = 0; i < j->plan.n; i++) {
		const struct step *s = &j->plan.steps[i];

		if ((s->kind == STEP_INSTALL || s->kind == STEP_SKIP) && work_is_stale(j, s))
			log_warning("The source of %s/%s has changed since it was built for %s; "
				    "dkms build %s/%s -k %s --force builds it anew.",
				    s->id.name, s->id.version, s->release, s->id.name,
				    s->id.version, s->release);
	}
}

/* Remember what was reported, unless an event of dpkg's trigger follows, which reports it again. */
static void work_save_told(const struct job *j, const struct told *told)
{
	int r = work_is_within_dpkg(j->event) ? 0 : told_save(j->e, told);

	if (r < 0)
		log_debug("what was told is not remembered: %s", error_text(r));
}

/*
 * An event, or a command that changes what is installed, may change which modules will load.
 * Within dpkg the answer is no for an event, because another event follows.
 */
static bool work_may_change_next_boot(const struct job *j)
{
	return (j->event && !work_is_within_dpkg(j->event)) || j->command;
}

static int work_carry_out(struct job *j)
{
	AUTO_TOLD struct told told = TOLD_INIT;
	int r;

	for (size_t i = 0; i < j->survey.problems.n; i++)
		log_warning("%s", j->survey.problems.v[i]);
	if (j->verb == GOAL_BUILD || j->verb == GOAL_INSTALL)
		work_tell_stale(j);
	if (j->o->dry_run)
		return work_print_plan(j->o, &j->plan);
	work_save_caches(j->e, &j->survey);
	if (j->event)
		told_mark(j->e, &j->plan, j->event->kernel_only, &told);
	r = work_run(j, &told);
	if (j->event)
		work_save_told(j, &told);
	if (work_may_change_next_boot(j) && !signals_interrupted())
		verify_refresh(j->e);
	return r;
}

static void job_release(struct job *j)
{
	survey_release(&j->survey);
	plan_release(&j->plan);
	report_close(&j->report);
	history_writer_release(&j->history);
}

/* All of work_begin() but run_recover_rest(). */
static int work_begin_journals(struct engine *e, const struct options *o, struct err *err)
{
	int r;

	if (o->dry_run)
		return 0;
	r = trust_tree(e, err);
	if (r < 0)
		return r;
	signals_catch();
	return run_recover_journals(e, err);
}

int work_begin(struct engine *e, const struct options *o, struct err *err)
{
	int r = work_begin_journals(e, o, err);

	if (r == 0 && !o->dry_run)
		run_recover_rest(e);
	return r;
}

static bool work_is_changing_command(const struct goals *goals)
{
	enum goal_verb v = goals->n ? goals->v[0].verb : GOAL_ADD;

	return v == GOAL_INSTALL || v == GOAL_UNINSTALL || v == GOAL_UNBUILD || v == GOAL_REMOVE;
}

int work_goals(struct engine *e, const struct options *o, const struct goals *goals)
{
	CLEANUP(job_release)
	struct job j = {
		.e = e,
		.o = o,
		.survey = { .problems = STRV_INIT },
		.verb = goals->n ? goals->v[0].verb : GOAL_ADD,
		.command = work_is_changing_command(goals),
		.report = REPORT_INIT,
	};
	AUTO_ERR struct err err = ERR_INIT;
	int r = work_begin(e, o, &err);

	if (r == 0)
		r = survey_goals(e, goals, &j.survey, &err);
	if (r < 0)
		return work_fail(&err);
	plan_goals(&j.survey.world, goals, &j.plan);
	return work_carry_out(&j);
}

/* Did the event do nothing and say nothing?  Then equal events can be skipped until a change. */
static bool work_was_nothing(const struct job *j)
{
	for (size_t i = 0; i < j->plan.n; i++) {
		const struct step *s = &j->plan.steps[i];

		if (step_acts(s->kind) || s->news || step_class(s->kind)->tone == TONE_ERROR)
			return false;
	}
	return !j->survey.problems.n && !signals_interrupted();
}

static int work_survey_event(struct job *j)
{
	AUTO_ERR struct err err = ERR_INIT;
	int r = survey_event(j->e, j->event, 0, &j->survey, &err);

	if (r < 0)
		return work_fail(&err);
	plan_event(&j->survey.world, j->event, &j->plan);
	return work_carry_out(j);
}

int work_event(struct engine *e, const struct options *o, const struct event *event)
{
	CLEANUP(job_release)
	struct job j = {
		.e = e,
		.o = o,
		.survey = { .problems = STRV_INIT },
		.event = event,
		.report = REPORT_INIT,
	};
	struct quiet quiet = QUIET_INIT;
	AUTO_ERR struct err err = ERR_INIT;
	int r = work_begin_journals(e, o, &err);

	if (r < 0)
		return work_fail(&err);
	/* If nothing has changed since an event that had nothing to do, nothing needs recovery. */
	if (!o->dry_run && quiet_begin(&quiet, e, event))
		return 0;
	if (!o->dry_run)
		run_recover_rest(e);
	r = work_survey_event(&j);
	quiet_end(&quiet, e, r == 0 && work_was_nothing(&j));
	quiet_release(&quiet, e);
	return r;
}

int work_plan(struct engine *e, const struct options *o, struct plan *plan)
{
	const struct goals none = { NULL, 0 };
	CLEANUP(job_release)
	struct job j = {
		.e = e,
		.o = o,
		.survey = { .problems = STRV_INIT },
		.report = REPORT_INIT,
	};
	AUTO_ERR struct err err = ERR_INIT;
	int r = work_begin(e, o, &err);

	if (r == 0)
		r = survey_goals(e, &none, &j.survey, &err);
	if (r < 0)
		return work_fail(&err);
	j.plan = *plan;
	*plan = (struct plan){ 0 };
	return work_carry_out(&j);
}
