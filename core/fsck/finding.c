/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsck/finding.h"

#include <stdlib.h>
#include <string.h>

static const char *const fsck_kind_names[] = {
#define X(id, name) [id] = name,
	FSCK_KIND_LIST(X)
#undef X
};

const char *fsck_kind_name(enum fsck_kind kind)
{
	return fsck_kind_names[kind];
}

static void finding_release(struct fsck_finding *f)
{
	free(f->subject);
	free(f->text);
	free(f->advice);
	free(f->failure);
	free(f->name);
	free(f->version);
	free(f->release);
	free(f->arch);
	free(f->path);
	free(f->from);
}

void fsck_release(struct fsck *f)
{
	for (size_t i = 0; i < f->n; i++)
		finding_release(&f->v[i]);
	free(f->v);
	*f = (struct fsck){ NULL, 0 };
}

size_t fsck_left(const struct fsck *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += !f->v[i].mended;
	return n;
}

static bool fsck_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool fsck_is_same(const struct fsck_finding *a, const struct fsck_finding *b)
{
	return a->kind == b->kind && fsck_same_text(a->subject, b->subject) &&
	       fsck_same_text(a->path, b->path) && fsck_same_text(a->from, b->from) &&
	       !a->advice == !b->advice;
}
