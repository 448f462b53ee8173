/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/statustable.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/table.h"
#include "model/kver.h"

static bool status_fits(const struct standing *s, const struct json_filter *f)
{
	if (!options_match(f->name, s->id.name) || !options_match(f->version, s->id.version))
		return false;
	if (!s->release)
		return !f->kernels->n && !f->archs->n;
	return options_match_any(f->kernels, s->release) && options_match_any(f->archs, s->arch);
}

/* ---- the table ---- */

static enum table_tint status_tint(const struct standing *s)
{
	switch (s->state) {
	case STANDING_INSTALLED: return s->problem ? TINT_WARN : TINT_GOOD;
	case STANDING_FAILED:
	case STANDING_BROKEN:
	case STANDING_BAD: return TINT_BAD;
	case STANDING_WAITS:
	case STANDING_DIFFERS:
	case STANDING_INTERRUPTED: return TINT_WARN;
	case STANDING_HELD:
	case STANDING_EXCLUDED: return TINT_DIM;
	default: return s->problem ? TINT_WARN : TINT_NONE;
	}
}

static void status_add_head(struct table *t)
{
	static const char *const words[] = { "MODULE", "VERSION", "KERNEL", "STATE", "REASON" };
	struct table_row *row = table_add(t);

	for (size_t i = 0; i < TABLE_COLUMNS; i++)
		row->cells[i] = xstrdup(words[i]);
}

static void status_add_row(struct table *t, const struct standing *s, const char *arch)
{
	struct table_row *row = table_add(t);

	row->cells[0] = xstrdup(s->id.name);
	row->cells[1] = xstrdup(s->id.version);
	if (s->release && strcmp(s->arch, arch) != 0)
		row->cells[2] = xasprintf("%s/%s", s->release, s->arch);
	else
		row->cells[2] = xstrdup(s->release);
	row->cells[3] = xstrdup(standing_word(s->state));
	row->cells[4] = xstrdup(s->reason);
	row->tint = status_tint(s);
	if (s->cure)
		row->more = xasprintf("try: %s", s->cure);
}

size_t status_table(const struct stand *s, const struct json_filter *filter, bool problems,
		    const struct terminal *term, struct buf *ret)
{
	AUTO_TABLE struct table t = { .width = term->width, .ascii = term->ascii };
	size_t n = 0;

	status_add_head(&t);
	for (size_t i = 0; i < s->list.n; i++) {
		const struct standing *one = &s->list.v[i];

		if (!status_fits(one, filter) || (problems && !one->problem))
			continue;
		n += one->problem;
		status_add_row(&t, one, s->survey.world.arch);
	}
	if (t.n > 1)
		table_print(&t, ret);
	return n;
}

/* ---- monitoring ---- */

static bool check_is_critical(const struct world *w, const struct standing *s)
{
	const struct world_kernel *k = s->release ? world_kernel(w, s->release) : NULL;

	if (!k || !k->image || !s->missing)
		return false;
	for (size_t i = 0; i < w->n_kernels; i++) {
		const struct world_kernel *o = &w->kernels[i];

		if (o->image && !k->running && kver_compare(o->release, k->release) > 0)
			return false;
	}
	return true;
}

/* Append s as visible text, without '|': monitoring splits the line at the first '|'. */
static void check_add_text(struct buf *b, const char *s)
{
	size_t start = b->len;

	text_add_visible(b, s);
	for (size_t i = start; i < b->len; i++) {
		if (b->s[i] == '|')
			b->s[i] = '/';
	}
}

static void check_add_standing(struct buf *b, const struct standing *s)
{
	AUTO_BUF struct buf text = BUF_INIT;

	buf_addf(&text, "%s/%s", s->id.name, s->id.version);
	if (s->release)
		buf_addf(&text, " for %s", s->release);
	buf_addf(&text, ": %s", standing_word(s->state));
	if (s->reason)
		buf_addf(&text, ", %s", s->reason);
	check_add_text(b, text.s);
}

static void check_add_data(struct buf *b, const size_t counts[], size_t problems, size_t missing)
{
	buf_addf(b, " | problems=%zu;0;;0 missing=%zu;;0;0", problems, missing);
	for (size_t i = 0; i < STANDING_COUNT_; i++)
		buf_addf(b, " %s=%zu;;;0", standing_word(i), counts[i]);
	buf_addch(b, '\n');
}

enum check_status status_check(const struct stand *s, const struct json_filter *filter,
			       struct buf *ret)
{
	size_t counts[STANDING_COUNT_] = { 0 }, problems = 0, missing = 0;
	const struct standing *worst = NULL;
	enum check_status status;

	for (size_t i = 0; i < s->list.n; i++) {
		const struct standing *one = &s->list.v[i];
		bool critical = check_is_critical(&s->survey.world, one);

		if (!status_fits(one, filter))
			continue;
		counts[one->state]++;
		problems += one->problem;
		if (one->problem && (!worst || (critical && !missing)))
			worst = one;
		missing += critical;
	}
	status = missing ? CHECK_CRITICAL : problems ? CHECK_WARNING : CHECK_OK;
	buf_addf(ret, "DKMS %s - ",
		 status == CHECK_OK	   ? "OK"
		 : status == CHECK_WARNING ? "WARNING"
					   : "CRITICAL");
	if (worst)
		check_add_standing(ret, worst);
	else
		buf_addf(ret, "%zu installed, no problems", counts[STANDING_INSTALLED]);
	if (problems > 1)
		buf_addf(ret, "; and %zu more", problems - 1);
	check_add_data(ret, counts, problems, missing);
	return status;
}

enum check_status status_check_unknown(const char *why, struct buf *ret)
{
	buf_adds(ret, "DKMS UNKNOWN - ");
	check_add_text(ret, why);
	buf_addch(ret, '\n');
	return CHECK_UNKNOWN;
}
