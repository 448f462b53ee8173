/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert/alert.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "survey/stand.h"
#include "sys/signals.h"
#include "tree/ledgerfile.h"

void alert_changes_release(struct alert_changes *c)
{
	free(c->failed);
	free(c->fresh);
	free(c->mended);
	*c = (struct alert_changes){ 0 };
}

/* Has the run built any version of the failed module package for the same kernel? */
static bool alert_was_built(const struct run *r, const struct failure *f)
{
	for (size_t i = 0; i < r->p->n; i++) {
		const struct step *s = &r->p->steps[i];

		if (s->kind == STEP_BUILD && r->steps[i].state == RUN_DONE &&
		    strcmp(s->id.name, f->name) == 0 && strcmp(s->release, f->release) == 0)
			return true;
	}
	return false;
}

/*
 * Is the failure new, or has its reason changed?  An earlier failure from the middle of a package
 * manager's work does not count, because it was told to nobody.
 */
static bool alert_is_fresh(const struct failures *before, const struct failure *f)
{
	const struct failure *was =
		ledger_failure(before, f->name, f->version, f->release, f->arch);

	return !was || was->middle || !str_equal(was->cause, f->cause) ||
	       !str_equal(was->what, f->what);
}

void alert_compare(const struct run *r, const struct failures *before, const struct failures *after,
		   struct alert_changes *ret)
{
	for (size_t i = 0; i < after->n; i++) {
		const struct failure *f = &after->v[i];

		if (!str_equal(f->run, r->e->run_id))
			continue;
		VEC_PUSH(ret->failed, ret->n_failed, f);
		if (alert_is_fresh(before, f))
			VEC_PUSH(ret->fresh, ret->n_fresh, f);
	}
	for (size_t i = 0; i < before->n; i++) {
		const struct failure *f = &before->v[i];

		if (!ledger_failure(after, f->name, f->version, f->release, f->arch) &&
		    alert_was_built(r, f))
			VEC_PUSH(ret->mended, ret->n_mended, f);
	}
}

void alert_add_sentence(struct buf *b, const struct failure *f)
{
	AUTO_BUF struct buf what = BUF_INIT;

	text_add_valid(&what, f->what ? f->what : "", 300);
	buf_addf(b, "%s/%s does not build for %s: ", f->name, f->version, f->release);
	text_add_visible(b, what.s);
}

static void alert_changes(struct engine *e, const struct run *r)
{
	CLEANUP(alert_changes_release) struct alert_changes c = { 0 };
	struct failures after = { 0 };

	if (ledger_load(e, &after, NULL) < 0)
		log_debug("alerts: not all failures can be read");
	alert_compare(r, &r->s->world.failures, &after, &c);
	alert_journal(e, &c);
	if (!signals_interrupted())
		alert_on_failure(e, &c);
	ledger_release(LEDGER_FAILURES, &after);
}

static void alert_standing(const struct engine *e, const struct world *w, const struct standings *l)
{
	alert_files(e, l);
	alert_settle_unit(e, w, l);
}

void alert_run(struct engine *e, const struct run *r, bool whole)
{
	AUTO_STAND struct stand now = STAND_INIT;
	AUTO_STANDINGS struct standings list = { 0 };
	AUTO_ERR struct err err = ERR_INIT;

	if (root_is_foreign(&e->root) || r->p->middle)
		return;
	/* A run that did nothing has no new failure, and has mended none. */
	if (!whole)
		alert_changes(e, r);
	if (signals_interrupted())
		return;
	if (whole) {
		stand_judge(e, &r->s->world, r->p, &list);
		alert_standing(e, &r->s->world, &list);
	} else if (stand_look(e, &now, &err) == 0) {
		alert_standing(e, &now.survey.world, &now.list);
	} else {
		log_debug("alerts: %s", err.text ? err.text : error_text(err.code));
	}
}
