/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/whytext.h"

#include "base/text.h"
#include "cli/times.h"

static void whytext_add_list(const char *what, const struct strv *list, struct buf *ret)
{
	for (size_t i = 0; i < list->n; i++)
		buf_addf(ret, "%s%s", i ? ", " : what, list->v[i]);
	if (list->n)
		buf_addch(ret, '\n');
}

static void whytext_add_failure(const struct why *y, struct buf *ret)
{
	const struct failure *f = y->s->failure;
	const struct cause *c = y->cause;

	buf_adds(ret, "  its build failed");
	if (f->since) {
		buf_adds(ret, " on ");
		times_add_date(ret, f->since);
	}
	buf_addf(ret, ": %s\n  cause: %s (%s)", c->line, cause_text(c->class),
		 cause_name(c->class));
	for (size_t i = 0; i < y->facts.n; i++)
		buf_addf(ret, "; %s", y->facts.v[i]);
	buf_adds(ret,
		 c->lasting ? "\n  lasting: it is not tried again until its source, the headers or "
			      "the compiler change\n"
			    : "\n  may pass: the next event tries again\n");
}

/*
 * Append when the state began, and the run in which it began.  Append nothing for a failure, which
 * has lines of its own, and for modules that differ from their build: when that began is unknown.
 */
static void whytext_add_since(const struct why *y, struct buf *ret)
{
	const struct standing *s = y->s;

	if (y->failed || s->state == STANDING_DIFFERS || !s->since)
		return;
	buf_adds(ret, "  since: ");
	times_add_date(ret, s->since);
	if (s->run)
		buf_addf(ret, " (dkms log %s)", s->run);
	buf_addch(ret, '\n');
}

void whytext_add(const struct why *y, struct buf *ret)
{
	const struct standing *s = y->s;
	const struct failure *f = s->failure;

	buf_addf(ret, "%s/%s", s->id.name, s->id.version);
	if (s->release)
		buf_addf(ret, " on %s", s->release);
	buf_addf(ret, ": %s\n", y->state);
	whytext_add_list(y->wanted ? "  wanted: " : "  not wanted: ", &y->because, ret);
	if (y->failed)
		whytext_add_failure(y, ret);
	else if (s->reason && (y->wanted || s->problem))
		buf_addf(ret, "  because: %s\n", s->reason);
	for (size_t i = 0; i < y->files.n; i++)
		buf_addf(ret, "  file: %s\n", y->files.v[i]);
	if (y->fetched) {
		buf_adds(ret, "  fetched: ");
		text_add_visible(ret, y->fetched);
		buf_addch(ret, '\n');
	}
	whytext_add_since(y, ret);
	for (size_t i = 0; i < y->next.n; i++)
		buf_addf(ret, "%s%s", i ? "; " : "  next: ", y->next.v[i]);
	if (y->next.n)
		buf_addch(ret, '\n');
	if (y->failed && f->log && *f->log)
		buf_addf(ret, "  log: %s\n", f->log);
	if (y->failed && f->run && *f->run)
		buf_addf(ret, "  run: dkms log %s\n", f->run);
}
