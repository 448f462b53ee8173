/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/history.h"

#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"

static const char *const history_results[] = {
#define X(id, name) [id] = name,
	HISTORY_RESULT_LIST(X)
#undef X
};

const char *history_result_name(enum history_result r)
{
	return history_results[r];
}

enum history_result history_result_parse(const char *word)
{
	enum history_result r = 0;

	while (r < HISTORY_RESULTS && strcmp(history_results[r], word) != 0)
		r++;
	return r;
}

void history_cause_release(struct history_cause *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->packages[i].kind);
		free(c->packages[i].key);
		free(c->packages[i].change);
		free(c->packages[i].package);
		free(c->packages[i].version);
	}
	free(c->packages);
	free(c->user);
	free(c->command);
	free(c->caller);
	free(c->from);
	*c = (struct history_cause){ .uid = -1 };
}

static void history_step_release(struct history_step *s)
{
	free(s->kind);
	free(s->name);
	free(s->version);
	free(s->release);
	free(s->arch);
	free(s->reason);
	free(s->request);
	free(s->error);
	free(s->log);
	free(s->confined);
	free(s->confined_why);
	free(s->bundle);
	free(s->bundle_from);
	free(s->bundle_by);
	strv_release(&s->lines);
	*s = (struct history_step){ .lines = STRV_INIT };
}

void history_entry_release(struct history_entry *e)
{
	history_cause_release(&e->cause);
	history_step_release(&e->step);
	strv_release(&e->targets);
	free(e->run);
	free(e->error);
	*e = (struct history_entry)HISTORY_ENTRY_INIT;
}

static void history_run_release(struct history_run *r)
{
	for (size_t i = 0; i < r->n; i++)
		history_step_release(&r->steps[i]);
	free(r->steps);
	strv_release(&r->targets);
	history_cause_release(&r->cause);
	free(r->id);
	free(r->error);
}

void history_release(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		history_run_release(&h->runs[i]);
	free(h->runs);
	*h = (struct history)HISTORY_INIT;
}

void history_add_target(struct strv *targets, const struct modid *id, const char *release,
			const char *arch)
{
	AUTO_FREE char *text = xasprintf("%s/%s %s %s", id->name, id->version, release, arch);

	if (!strv_has(targets, text))
		strv_take(targets, TAKE(text));
}

/* Search from the end, because entries of a run are close together. */
static struct history_run *history_find_run(struct history *h, const char *id)
{
	for (size_t i = h->n; i-- > 0;) {
		if (strcmp(h->runs[i].id, id) == 0)
			return &h->runs[i];
	}
	return NULL;
}

static struct history_run *history_need_run(struct history *h, const struct history_entry *e)
{
	struct history_run run = { .begun = e->time, .ended = -1, .cause.uid = -1 };
	struct history_run *r = history_find_run(h, e->run);

	if (r)
		return r;
	run.id = xstrdup(e->run);
	VEC_PUSH(h->runs, h->n, run);
	return &h->runs[h->n - 1];
}

static struct history_step *history_need_step(struct history_run *r, uint64_t number)
{
	const struct history_step empty = { .lines = STRV_INIT };

	for (size_t i = r->n; i-- > 0;) {
		if (r->steps[i].number == number)
			return &r->steps[i];
	}
	VEC_PUSH(r->steps, r->n, empty);
	return &r->steps[r->n - 1];
}

static void history_take_step(struct history_run *r, struct history_step *s)
{
	struct history_step *place = history_need_step(r, s->number);

	history_step_release(place);
	*place = *s;
	*s = (struct history_step){ .lines = STRV_INIT };
}

bool history_add(struct history *h, struct history_entry *e)
{
	struct history_run *r;

	if (!e->run || (e->line == HISTORY_STEP && (!e->step.kind || !e->step.number)))
		return false;
	r = history_need_run(h, e);
	if (!r->cause.command) {
		history_cause_release(&r->cause);
		r->cause = e->cause;
		e->cause = (struct history_cause){ .uid = -1 };
	}
	switch (e->line) {
	case HISTORY_BEGIN:
		r->begun = e->time;
		r->pid = e->pid;
		r->start = e->start;
		strv_release(&r->targets);
		r->targets = e->targets;
		e->targets = (struct strv)STRV_INIT;
		break;
	case HISTORY_STEP: history_take_step(r, &e->step); break;
	case HISTORY_END:
		r->ended = e->time;
		r->status = e->status;
		r->interrupted = e->interrupted;
		r->refused = e->refused;
		r->msec = e->msec;
		free(r->error);
		r->error = TAKE(e->error);
	}
	history_entry_release(e);
	return true;
}

static int history_compare_runs(const void *pa, const void *pb)
{
	const struct history_run *a = pa, *b = pb;

	if (a->begun != b->begun)
		return a->begun > b->begun ? -1 : 1;
	return -strcmp(a->id, b->id);
}

static int history_compare_steps(const void *pa, const void *pb)
{
	const struct history_step *a = pa, *b = pb;

	return a->number < b->number ? -1 : a->number > b->number;
}

void history_sort(struct history *h)
{
	for (size_t i = 0; i < h->n; i++) {
		if (h->runs[i].n)
			qsort(h->runs[i].steps, h->runs[i].n, sizeof(*h->runs[i].steps),
			      history_compare_steps);
	}
	if (h->n)
		qsort(h->runs, h->n, sizeof(*h->runs), history_compare_runs);
}

enum history_state history_state(const struct history_run *r, bool lives)
{
	if (r->ended < 0)
		return lives ? HISTORY_RUNNING : HISTORY_STOPPED;
	if (r->interrupted)
		return HISTORY_STOPPED;
	if (r->refused)
		return HISTORY_REFUSED;
	for (size_t i = 0; i < r->n; i++) {
		if (r->steps[i].result == HISTORY_FAILED)
			return HISTORY_HAS_FAILED;
	}
	return r->status || r->error ? HISTORY_HAS_FAILED : HISTORY_OK;
}

static bool history_pattern_fits(const char *pattern, const char *text)
{
	return !pattern || !*pattern || (text && fnmatch(pattern, text, 0) == 0);
}

bool history_step_fits(const struct history_step *s, const struct history_filter *f)
{
	if (!history_pattern_fits(f->name, s->name) ||
	    !history_pattern_fits(f->version, s->version))
		return false;
	for (size_t i = 0; f->kernels && i < f->kernels->n; i++) {
		if (history_pattern_fits(f->kernels->v[i], s->release))
			return true;
	}
	return !f->kernels || f->kernels->n == 0;
}

static bool history_filter_has_target(const struct history_filter *f)
{
	return (f->name && *f->name) || (f->version && *f->version) ||
	       (f->kernels && f->kernels->n);
}

/*
 * Does the run have a step that fits the filter?  With f->failed, that step must also have failed
 * or not have been done.
 */
static bool history_run_has_step(const struct history_run *r, const struct history_filter *f)
{
	for (size_t i = 0; i < r->n; i++) {
		if (history_step_fits(&r->steps[i], f) &&
		    (!f->failed || r->steps[i].result == HISTORY_FAILED ||
		     r->steps[i].result == HISTORY_NOT_DONE))
			return true;
	}
	return false;
}

/* Did the run only record what a package's script asked for? */
static bool history_run_only_asks(const struct history_run *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->steps[i].kind, "request") != 0 || r->steps[i].result != HISTORY_DONE)
			return false;
	}
	return r->n && r->cause.caller;
}

bool history_run_fits(const struct history_run *r, const struct history_filter *f,
		      enum history_state state)
{
	if (f->run && strncmp(r->id, f->run, strlen(f->run)) != 0)
		return false;
	if (!f->run && (f->refused != (state == HISTORY_REFUSED) || history_run_only_asks(r)))
		return false;
	if (f->since && r->begun < f->since)
		return false;
	if (f->failed && state != HISTORY_HAS_FAILED && state != HISTORY_STOPPED)
		return false;
	return !history_filter_has_target(f) || history_run_has_step(r, f);
}

void history_select(struct history *h, enum history_state *states, const struct history_filter *f,
		    size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (n < most && history_run_fits(&h->runs[i], f, states[i])) {
			states[n] = states[i];
			h->runs[n++] = h->runs[i];
		} else {
			history_run_release(&h->runs[i]);
		}
	}
	h->n = n;
}

bool history_is_run_id(const char *word)
{
	return word && strspn(word, "0123456789") == 8 && word[8] == 'T' &&
	       strspn(word + 9, "0123456789-") == strlen(word + 9);
}
