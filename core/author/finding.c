/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "author/finding.h"

#include <stdarg.h>

#include "base/alloc.h"

static const char *const lint_levels[] = {
	[LINT_NOTE] = "note",
	[LINT_WARNING] = "warning",
	[LINT_ERROR] = "error",
};

void lint_release(struct lint_findings *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].file);
		free(l->v[i].text);
		free(l->v[i].cure);
	}
	free(l->v);
	*l = (struct lint_findings){ NULL, 0 };
}

void lint_add(struct lint_findings *l, enum lint_level level, const char *rule, const char *file,
	      size_t line, const char *cure, const char *fmt, ...)
{
	struct lint_finding f = {
		.level = level,
		.rule = rule,
		.file = xstrdup(file),
		.line = line,
		.cure = xstrdup(cure),
	};
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	f.text = buf_detach(&b);
	VEC_PUSH(l->v, l->n, f);
}

static int lint_compare(const struct lint_finding *a, const struct lint_finding *b)
{
	bool conf_a = !strcmp(a->file, "dkms.conf"), conf_b = !strcmp(b->file, "dkms.conf");
	int r = strcmp(a->file, b->file);

	if (conf_a != conf_b)
		return conf_a ? -1 : 1;
	if (r)
		return r;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* Insertion sort: there are few findings, and those about one line must keep their order. */
void lint_sort(struct lint_findings *l)
{
	for (size_t i = 1; i < l->n; i++) {
		struct lint_finding f = l->v[i];
		size_t j = i;

		for (; j && lint_compare(&l->v[j - 1], &f) > 0; j--)
			l->v[j] = l->v[j - 1];
		l->v[j] = f;
	}
}

size_t lint_count(const struct lint_findings *l, enum lint_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].level == level;
	return n;
}

const char *lint_level_name(enum lint_level level)
{
	return lint_levels[level];
}

static void lint_print_count(const struct lint_findings *l, enum lint_level level, struct buf *b)
{
	size_t n = lint_count(l, level);

	if (n)
		buf_addf(b, "%s%zu %s%s", b->len ? ", " : "", n, lint_levels[level],
			 n == 1 ? "" : "s");
}

void lint_print(const struct lint_findings *l, const char *folder, struct buf *b)
{
	AUTO_BUF struct buf sum = BUF_INIT;

	for (size_t i = 0; i < l->n; i++) {
		const struct lint_finding *f = &l->v[i];

		buf_addf(b, "%s%s%s", folder, *folder ? "/" : "", f->file);
		if (f->line)
			buf_addf(b, ":%zu", f->line);
		buf_addf(b, ": %s: %s [%s]\n", lint_levels[f->level], f->text, f->rule);
		if (f->cure)
			buf_addf(b, "    %s\n", f->cure);
	}
	for (int level = LINT_ERROR; level >= LINT_NOTE; level--)
		lint_print_count(l, (enum lint_level)level, &sum);
	buf_addf(b, "%s.\n", l->n ? sum.s : "Nothing to mend");
}
