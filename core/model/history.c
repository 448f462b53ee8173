/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/history.h"

#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"

static const char *const results[] = {
#define X(id, name) [id] = name,
	HISTORY_RESULT_LIST(X)
#undef X
};

const char *history_result_name(enum history_result r)
{
	return results[r];
}

enum history_result history_result_parse(const char *word)
{
	enum history_result r = 0;

	while (r < HISTORY_RESULTS && strcmp(results[r], word) != 0)
		r++;
	return r;
}

/* ---- release ---- */

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

static void release_step(struct history_step *s)
{
	free(s->kind);
	free(s->name);
	free(s->version);
	free(s->release);
	free(s->arch);
	free(s->reason);
	free(s->error);
	free(s->log);
	if (s->lines.v) /* a zeroed step is an empty one */
		strv_release(&s->lines);
	*s = (struct history_step){ .lines = STRV_INIT };
}

void history_entry_release(struct history_entry *e)
{
	history_cause_release(&e->cause);
	release_step(&e->step);
	free(e->run);
	free(e->error);
	*e = (struct history_entry)HISTORY_ENTRY_INIT;
}

static void release_run(struct history_run *r)
{
	for (size_t i = 0; i < r->n; i++)
		release_step(&r->steps[i]);
	free(r->steps);
	history_cause_release(&r->cause);
	free(r->id);
	free(r->error);
}

void history_release(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		release_run(&h->runs[i]);
	free(h->runs);
	*h = (struct history)HISTORY_INIT;
}

/* ---- putting runs together ---- */

/* Mostly the last one: entries of a run stand together. */
static struct history_run *find(struct history *h, const char *id)
{
	for (size_t i = h->n; i-- > 0;) {
		if (strcmp(h->runs[i].id, id) == 0)
			return &h->runs[i];
	}
	return NULL;
}

static struct history_run *find_or_make(struct history *h, const struct history_entry *e)
{
	struct history_run *r = find(h, e->run);

	if (r)
		return r;
	if ((h->n & (h->n - 1)) == 0)
		h->runs = xreallocarray(h->runs, h->n ? 2 * h->n : 1, sizeof(*h->runs));
	r = &h->runs[h->n++];
	*r = (struct history_run){
		.id = xstrdup(e->run), .begun = e->time, .ended = -1, .cause.uid = -1
	};
	return r;
}

static struct history_step *find_step(struct history_run *r, uint64_t number)
{
	for (size_t i = r->n; i-- > 0;) {
		if (r->steps[i].number == number)
			return &r->steps[i];
	}
	if ((r->n & (r->n - 1)) == 0)
		r->steps = xreallocarray(r->steps, r->n ? 2 * r->n : 1, sizeof(*r->steps));
	r->steps[r->n] = (struct history_step){ .lines = STRV_INIT };
	return &r->steps[r->n++];
}

static void take_step(struct history_run *r, struct history_step *s)
{
	struct history_step *place = find_step(r, s->number);

	release_step(place);
	*place = *s;
	*s = (struct history_step){ .lines = STRV_INIT };
}

bool history_add(struct history *h, struct history_entry *e)
{
	struct history_run *r;

	if (!e->run || (e->line == HISTORY_STEP && (!e->step.kind || !e->step.number)))
		return false;
	r = find_or_make(h, e);
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
		break;
	case HISTORY_STEP: take_step(r, &e->step); break;
	case HISTORY_END:
		r->ended = e->time;
		r->status = e->status;
		r->interrupted = e->interrupted;
		r->msec = e->msec;
		free(r->error);
		r->error = TAKE(e->error);
	}
	history_entry_release(e);
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct history_run *x = a, *y = b;

	if (x->begun != y->begun)
		return x->begun > y->begun ? -1 : 1;
	return -strcmp(x->id, y->id);
}

static int by_number(const void *a, const void *b)
{
	const struct history_step *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

void history_sort(struct history *h)
{
	for (size_t i = 0; i < h->n; i++) {
		if (h->runs[i].n)
			qsort(h->runs[i].steps, h->runs[i].n, sizeof(*h->runs[i].steps), by_number);
	}
	if (h->n)
		qsort(h->runs, h->n, sizeof(*h->runs), by_time);
}

/* ---- asking ---- */

enum history_state history_state(const struct history_run *r, bool lives)
{
	if (r->ended < 0)
		return lives ? HISTORY_RUNNING : HISTORY_STOPPED;
	if (r->interrupted)
		return HISTORY_STOPPED;
	for (size_t i = 0; i < r->n; i++) {
		if (r->steps[i].result == HISTORY_FAILED)
			return HISTORY_HAS_FAILED;
	}
	return r->status || r->error ? HISTORY_HAS_FAILED : HISTORY_OK;
}

static bool fits(const char *pattern, const char *text)
{
	return !pattern || !*pattern || (text && fnmatch(pattern, text, 0) == 0);
}

bool history_step_fits(const struct history_step *s, const struct history_filter *f)
{
	if (!fits(f->name, s->name) || !fits(f->version, s->version))
		return false;
	for (size_t i = 0; f->kernels && i < f->kernels->n; i++) {
		if (fits(f->kernels->v[i], s->release))
			return true;
	}
	return !f->kernels || f->kernels->n == 0;
}

static bool asks_for_steps(const struct history_filter *f)
{
	return (f->name && *f->name) || (f->version && *f->version) ||
	       (f->kernels && f->kernels->n);
}

/* With --failed and a module: something about that module failed. */
static bool has_step(const struct history_run *r, const struct history_filter *f)
{
	for (size_t i = 0; i < r->n; i++) {
		if (history_step_fits(&r->steps[i], f) &&
		    (!f->failed || r->steps[i].result == HISTORY_FAILED ||
		     r->steps[i].result == HISTORY_NOT_DONE))
			return true;
	}
	return false;
}

bool history_run_fits(const struct history_run *r, const struct history_filter *f,
		      enum history_state state)
{
	if (f->run && strncmp(r->id, f->run, strlen(f->run)) != 0)
		return false;
	if (f->since && r->begun < f->since)
		return false;
	if (f->failed && state != HISTORY_HAS_FAILED && state != HISTORY_STOPPED)
		return false;
	return !asks_for_steps(f) || has_step(r, f);
}

bool history_is_run_id(const char *word)
{
	return word && strspn(word, "0123456789") == 8 && word[8] == 'T' &&
	       strspn(word + 9, "0123456789-") == strlen(word + 9);
}
